// Writes the documentation page from the OpenAPI document, so that the two cannot disagree.

import APITypes
import JSON

/// The documentation as HTML.
struct DocsWriter {
    /// The placeholder of the service's address in examples.
    static let address = "http://localhost:8000"

    private let document: JSONValue
    private let wantsToken: Bool

    /// - Parameter wantsToken: whether the examples need the service's token.
    init(_ document: JSONValue, wantsToken: Bool = false) {
        self.document = document
        self.wantsToken = wantsToken
    }

    /// The whole page.
    var page: String {
        var html = HTMLWriter()
        html.addMarkup("<!doctype html>")
        html.element("html", attributes: ["lang": "en"]) { html in
            html.element("head") { writeHead(&$0) }
            html.element("body") { writeBody(&$0) }
        }
        return html.text
    }

    private func writeHead(_ html: inout HTMLWriter) {
        html.addMarkup(#"<meta charset="utf-8">"#)
        html.addMarkup(#"<meta name="viewport" content="width=device-width, initial-scale=1">"#)
        html.element("title", words("title", of: document["info"]))
        html.element("style") { $0.addMarkup(DocsStyle.text) }
    }

    private func writeBody(_ html: inout HTMLWriter) {
        html.element("h1") { html in
            html.add(words("title", of: document["info"]) + " ")
            html.element("small", words("version", of: document["info"]))
        }
        for paragraph in words("description", of: document["info"]).split(separator: "\n") {
            html.element("p") { $0.addProse(String(paragraph)) }
        }
        html.element("p") { html in
            html.add("For machines: ")
            html.element("a", attributes: ["href": "openapi.json"], "openapi.json")
        }
        html.element("h2", "Routes")
        for path in document["paths"]?.members ?? [] {
            // HEAD and OPTIONS are on every path: the introduction mentions them.
            for method in path.value.members ?? [] where !["head", "options"].contains(method.name)
            {
                writeOperation(method.value, method.name.uppercased(), path.name, &html)
            }
        }
        html.element("h2", "Access")
        for scheme in document["components"]?["securitySchemes"]?.members ?? [] {
            html.element("p") { html in
                html.element("code", scheme.value["name"]?.string ?? "Authorization")
                html.add(" " + words("description", of: scheme.value))
            }
        }
        html.element("h2", "Shapes")
        for schema in document["components"]?["schemas"]?.members ?? [] {
            writeSchema(schema.value, schema.name, &html)
        }
    }

    // MARK: Routes

    private func writeOperation(
        _ operation: JSONValue, _ method: String, _ path: String, _ html: inout HTMLWriter
    ) {
        let isOpen = operation["security"]?.elements?.isEmpty == true
        html.element("details", attributes: ["id": words("operationId", of: operation)]) { html in
            html.element("summary") { html in
                html.element("b", method)
                html.element("code", path)
                html.element("span", words("summary", of: operation))
            }
            html.element("p") { $0.addProse(words("description", of: operation)) }
            writeExample(operation, method, path, isOpen: isOpen, &html)
            writeParameters(operation["parameters"]?.elements ?? [], &html)
            if let content = operation["requestBody"]?["content"] {
                html.element("h3", "Body")
                html.element("p") { writeContent(content, &$0) }
            }
            writeAnswers(operation["responses"]?.members ?? [], &html)
        }
    }

    private func writeExample(
        _ operation: JSONValue, _ method: String, _ path: String, isOpen: Bool,
        _ html: inout HTMLWriter
    ) {
        let command = method == "GET" ? "curl" : "curl -X \(method)"
        var lines = ["\(command) \(DocsWriter.address)\(path.replacingGaps)"]
        if !isOpen { lines.append("-H 'X-Username: you'") }
        if !isOpen, wantsToken { lines.append("-H \"X-API-Token: $API_TOKEN\"") }
        let media = operation["requestBody"]?["content"]?["application/json"]
        if let example = resolved(media?["schema"])["example"] {
            lines.append("-H 'Content-Type: application/json'")
            lines.append("-d '\(String(decoding: JSONCoding.encode(example), as: UTF8.self))'")
        }
        html.element("pre", lines.joined(separator: " \\\n  "))
    }

    private func writeParameters(_ parameters: [JSONValue], _ html: inout HTMLWriter) {
        guard !parameters.isEmpty else { return }
        html.element("h3", "Parameters")
        writeTable(
            ["Name", "In", "Type", ""],
            parameters.map { parameter in
                [
                    "`\(words("name", of: parameter))`", words("in", of: parameter),
                    type(of: parameter["schema"] ?? [:]), words("description", of: parameter),
                ]
            }, &html)
    }

    private func writeAnswers(_ answers: [JSONValue.Member], _ html: inout HTMLWriter) {
        html.element("h3", "Answers")
        html.element("table") { html in
            for answer in answers {
                html.element("tr") { html in
                    html.element("td") { $0.element("code", answer.name) }
                    html.element("td") { html in
                        html.addProse(words("description", of: answer.value) + " ")
                        for header in answer.value["headers"]?.members ?? []
                        where header.name != "X-Request-ID" {
                            html.addProse("Header `\(header.name)`. ")
                        }
                    }
                    html.element("td") { html in
                        if let content = answer.value["content"] { writeContent(content, &html) }
                    }
                }
            }
        }
    }

    private func writeContent(_ content: JSONValue, _ html: inout HTMLWriter) {
        for media in content.members ?? [] {
            if let name = media.value["schema"]?["$ref"]?.string?.lastComponent {
                html.element("a", attributes: ["href": "#" + name], name)
            } else {
                html.element("code", media.name)
            }
        }
    }

    // MARK: Shapes

    private func writeSchema(_ schema: JSONValue, _ name: String, _ html: inout HTMLWriter) {
        html.element("h3", attributes: ["id": name], name)
        guard let properties = schema["properties"]?.members else {
            html.element("p") { $0.add(type(of: schema)) }
            return
        }
        let required = schema["required"]?.elements?.compactMap(\.string) ?? []
        writeTable(
            ["Member", "Type", ""],
            properties.map { property in
                [
                    "`\(property.name)`" + (required.contains(property.name) ? "" : " (optional)"),
                    type(of: property.value), words("description", of: property.value),
                ]
            }, &html)
    }

    private func writeTable(_ head: [String], _ rows: [[String]], _ html: inout HTMLWriter) {
        html.element("table") { html in
            html.element("tr") { html in
                for cell in head { html.element("th", cell) }
            }
            for row in rows {
                html.element("tr") { html in
                    for cell in row { html.element("td") { $0.addProse(cell) } }
                }
            }
        }
    }

    /// A schema in a few words: `integer, 1 to 500, default 50`.
    private func type(of schema: JSONValue) -> String {
        if let name = schema["$ref"]?.string?.lastComponent { return name }
        if let values = schema["enum"]?.elements {
            return values.compactMap(\.string).joined(separator: " | ")
        }
        let names = schema["type"]?.elements?.compactMap(\.string) ?? [words("type", of: schema)]
        var type = names.joined(separator: " or ")
        if let items = schema["items"] { type += " of " + self.type(of: items) }
        if let least = schema["minimum"]?.integer { type += ", from \(least)" }
        if let most = schema["maximum"]?.integer { type += " to \(most)" }
        if let preset = schema["default"] {
            type += ", default " + String(decoding: JSONCoding.encode(preset), as: UTF8.self)
        }
        return type
    }

    // MARK: Lookups

    private func words(_ name: String, of value: JSONValue?) -> String {
        value?[name]?.string ?? ""
    }

    private func resolved(_ schema: JSONValue?) -> JSONValue {
        guard let name = schema?["$ref"]?.string?.lastComponent else { return schema ?? [:] }
        return document["components"]?["schemas"]?[name] ?? [:]
    }
}

extension String {
    /// The text after the last slash.
    fileprivate var lastComponent: String {
        split(separator: "/").last.map(String.init) ?? self
    }

    /// A path with a 1 in every gap.
    fileprivate var replacingGaps: String {
        split(separator: "/", omittingEmptySubsequences: false)
            .map { $0.first == "{" ? "1" : String($0) }.joined(separator: "/")
    }
}
