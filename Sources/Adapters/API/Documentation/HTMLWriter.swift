// HTML whose texts cannot become markup, and the style of the documentation page.

import Bytes

/// Writes HTML, escaping every text and attribute.
struct HTMLWriter {
    /// The HTML so far.
    private(set) var text = ""

    /// Adds an element with content.
    mutating func element(
        _ name: StaticString, attributes: KeyValuePairs<StaticString, String> = [:],
        _ content: (inout HTMLWriter) -> Void
    ) {
        text += "<\(name)"
        for (attribute, value) in attributes {
            text += " \(attribute)=\"\(HTMLText.escape(value))\""
        }
        text += ">"
        content(&self)
        text += "</\(name)>"
    }

    /// Adds an element that holds a text.
    mutating func element(
        _ name: StaticString, attributes: KeyValuePairs<StaticString, String> = [:],
        _ content: String
    ) {
        element(name, attributes: attributes) { $0.add(content) }
    }

    /// Adds a text.
    mutating func add(_ content: String) {
        text += HTMLText.escape(content)
    }

    /// Adds a text in which backticks enclose code.
    mutating func addProse(_ content: String) {
        let parts = content.split(separator: "`", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index % 2 == 1 { element("code", String(part)) } else { add(String(part)) }
        }
    }

    /// Adds markup unescaped.
    mutating func addMarkup(_ markup: StaticString) {
        text += "\(markup)"
    }
}

/// The style of the documentation page.
enum DocsStyle {
    static let text: StaticString = """
        :root{color-scheme:light dark;--line:#8884;--soft:#8881;--accent:#0a7d5a}
        *{box-sizing:border-box}
        body{font:16px/1.55 system-ui,sans-serif;margin:0 auto;max-width:58rem;padding:2rem 1.2rem}
        h1{margin:0}h1 small{font-size:1rem;font-weight:400;opacity:.7}
        h2{margin:2.5rem 0 .5rem}h3{margin:1.4rem 0 .4rem;font-size:1rem}
        p{margin:.5rem 0}a{color:var(--accent)}
        code,pre{font:.875rem/1.5 ui-monospace,monospace}
        code{background:var(--soft);padding:.1em .3em;border-radius:4px}
        pre{background:var(--soft);padding:.8rem 1rem;border-radius:8px;overflow-x:auto}
        details{border:1px solid var(--line);border-radius:8px;margin:.7rem 0;padding:0 1rem}
        details[open]{padding-bottom:.8rem}
        summary{cursor:pointer;padding:.7rem 0}
        summary b{display:inline-block;min-width:4rem;color:var(--accent)}
        summary code{background:none;font-weight:600}summary span{opacity:.75;margin-left:.6rem}
        table{border-collapse:collapse;width:100%;font-size:.925rem}
        th,td{border-bottom:1px solid var(--line);padding:.35rem .6rem .35rem 0;text-align:left;
        vertical-align:top}
        """
}
