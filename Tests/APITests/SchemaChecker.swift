// The part of JSON Schema that the OpenAPI document uses, to check responses against it. An
// unknown keyword is a problem, so that no promise is left unchecked.

import APITypes
import JSON

/// Checks values against the schemas of a document.
struct SchemaChecker {
    private static let words: Set<String> = [
        "description", "example", "default", "format",
    ]

    let document: JSONValue

    /// The problems of a value, each with the path to it.
    func problems(
        of value: JSONValue, against schema: JSONValue, at location: String = "$"
    ) -> [String] {
        var problems: [String] = []
        for keyword in schema.members ?? [] {
            switch (keyword.name, keyword.value) {
            case ("$ref", .string(let reference)):
                guard let target = resolve(reference) else {
                    problems.append("\(location): dangling \(reference)")
                    continue
                }
                problems += self.problems(of: value, against: target, at: location)
            case ("type", let types):
                let names = types.elements?.compactMap(\.string) ?? [types.string ?? "?"]
                if !names.contains(where: { SchemaChecker.isType($0, value) }) {
                    problems.append("\(location): not \(names)")
                }
            case ("enum", .array(let values)):
                if !values.contains(value) { problems.append("\(location): not in enum") }
            case ("const", let constant):
                if value != constant { problems.append("\(location): not the constant") }
            case ("minimum", .number(let least)):
                if case .number(let digits) = value,
                    Double(digits) ?? .nan < Double(least) ?? .nan
                {
                    problems.append("\(location): below \(least)")
                }
            case ("required", .array(let names)):
                // For objects only: `type` says what else it may be.
                guard value.members != nil else { continue }
                for name in names.compactMap(\.string) where value[name] == nil {
                    problems.append("\(location): \(name) is missing")
                }
            case ("properties", .object(let properties)):
                problems += self.problems(ofMembers: value, against: properties, at: location)
            case ("items", let items):
                for (index, element) in (value.elements ?? []).enumerated() {
                    problems += self.problems(
                        of: element, against: items, at: "\(location)[\(index)]")
                }
            case (let name, _):
                if !SchemaChecker.words.contains(name) {
                    problems.append("\(location): keyword \(name)")
                }
            }
        }
        return problems
    }

    /// Undeclared members are problems, too.
    private func problems(
        ofMembers value: JSONValue, against properties: [JSONValue.Member], at location: String
    ) -> [String] {
        (value.members ?? []).flatMap { member -> [String] in
            guard let property = properties.first(where: { $0.name == member.name }) else {
                return ["\(location): \(member.name) is not declared"]
            }
            return problems(
                of: member.value, against: property.value, at: "\(location).\(member.name)")
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
