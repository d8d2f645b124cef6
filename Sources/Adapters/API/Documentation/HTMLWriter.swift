// HTML whose texts cannot become markup. It must not know what the page is about.

/// Writes HTML, escaping every text and attribute.
struct HTMLWriter {
    /// What has been written.
    private(set) var text = ""

    /// Adds an element with content.
    mutating func element(
        _ name: StaticString, attributes: KeyValuePairs<StaticString, String> = [:],
        _ content: (inout HTMLWriter) -> Void
    ) {
        text += "<\(name)"
        for (attribute, value) in attributes {
            text += " \(attribute)=\"\(HTMLWriter.escaped(value))\""
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
        text += HTMLWriter.escaped(content)
    }

    /// Adds a text in which backticks enclose code.
    mutating func addProse(_ content: String) {
        let parts = content.split(separator: "`", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index % 2 == 1 { element("code", String(part)) } else { add(String(part)) }
        }
    }

    /// Adds what the program itself wrote, as it is.
    mutating func addMarkup(_ markup: StaticString) {
        text += "\(markup)"
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
