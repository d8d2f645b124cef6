// Just enough JSON Schema to hold the answers against the OpenAPI document. It refuses keywords
// that it does not know, so that no promise goes unchecked.

import APITypes
import JSON

/// Checks values against the schemas of a document.
struct SchemaChecker {
    private static let words: Set<String> = [
        "description", "example", "default", "format",
    ]

    let document: JSONValue

    /// What is wrong with a value, each with the way to it.
    func flaws(of value: JSONValue, against schema: JSONValue, at place: String = "$") -> [String] {
        var flaws: [String] = []
        for keyword in schema.members ?? [] {
            switch (keyword.name, keyword.value) {
            case ("$ref", .string(let reference)):
                guard let target = resolve(reference) else {
                    flaws.append("\(place): dangling \(reference)")
                    continue
                }
                flaws += self.flaws(of: value, against: target, at: place)
            case ("type", let types):
                let names = types.elements?.compactMap(\.string) ?? [types.string ?? "?"]
                if !names.contains(where: { SchemaChecker.isType($0, value) }) {
                    flaws.append("\(place): not \(names)")
                }
            case ("enum", .array(let values)):
                if !values.contains(value) { flaws.append("\(place): not in enum") }
            case ("const", let constant):
                if value != constant { flaws.append("\(place): not the constant") }
            case ("minimum", .number(let least)):
                if case .number(let digits) = value,
                    Double(digits) ?? .nan < Double(least) ?? .nan
                {
                    flaws.append("\(place): below \(least)")
                }
            case ("required", .array(let names)):
                // Of objects only; what else it may be is for `type` to say.
                guard value.members != nil else { continue }
                for name in names.compactMap(\.string) where value[name] == nil {
                    flaws.append("\(place): \(name) is missing")
                }
            case ("properties", .object(let properties)):
                flaws += self.flaws(ofMembers: value, against: properties, at: place)
            case ("items", let items):
                for (index, element) in (value.elements ?? []).enumerated() {
                    flaws += self.flaws(of: element, against: items, at: "\(place)[\(index)]")
                }
            case (let name, _):
                if !SchemaChecker.words.contains(name) { flaws.append("\(place): keyword \(name)") }
            }
        }
        return flaws
    }

    /// Members that are not declared are flaws too: an answer must not hold more than is promised.
    private func flaws(
        ofMembers value: JSONValue, against properties: [JSONValue.Member], at place: String
    ) -> [String] {
        (value.members ?? []).flatMap { member -> [String] in
            guard let property = properties.first(where: { $0.name == member.name }) else {
                return ["\(place): \(member.name) is not declared"]
            }
            return flaws(
                of: member.value, against: property.value, at: "\(place).\(member.name)")
        }
    }

    func resolve(_ reference: String) -> JSONValue? {
        reference.split(separator: "/").dropFirst().reduce(document as JSONValue?) { value, name in
            value?[String(name)]
        }
    }

    private static func isType(_ name: String, _ value: JSONValue) -> Bool {
        switch (name, value) {
        case ("string", .string), ("object", .object), ("array", .array), ("null", .null),
            ("boolean", .bool), ("number", .number):
            true
        case ("integer", .number): value.integer != nil
        default: false
        }
    }
}
