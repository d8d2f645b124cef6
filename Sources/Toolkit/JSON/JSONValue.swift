// A JSON value as a tree that keeps the order of members and the spelling of numbers.

/// A JSON value (RFC 8259).
///
/// Members keep the order in which they were written, and numbers their digits, so that a value
/// that was read can be shown again as it came.
package enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    /// A number as it is spelled, such as `1`, `-0.5` or `1e400`; always valid JSON.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([Member])

    /// One member of an object.
    package struct Member: Hashable, Sendable {
        package var name: String
        package var value: JSONValue

        package init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// A whole number.
    package static func integer(_ number: some BinaryInteger) -> JSONValue {
        .number(String(number))
    }

    /// A whole number, or `null` without one.
    package static func integer(_ number: (some BinaryInteger)?) -> JSONValue {
        number.map { .number(String($0)) } ?? .null
    }

    /// Seconds to the microsecond.
    package static func seconds(_ seconds: Double) -> JSONValue {
        .number("\((seconds * 1_000_000).rounded() / 1_000_000)")
    }

    /// The text, or `null` without one.
    package static func text(_ text: String?) -> JSONValue {
        text.map(JSONValue.string) ?? .null
    }

    /// A list of texts.
    package static func texts(_ texts: [String]) -> JSONValue {
        .array(texts.map(JSONValue.string))
    }

    /// The first member of an object with this name; `nil` without one, and for anything but an
    /// object. Setting replaces it in place, or adds it at the end.
    package subscript(name: String) -> JSONValue? {
        get {
            guard case .object(let members) = self else { return nil }
            return members.first { $0.name == name }?.value
        }
        set {
            guard case .object(var members) = self else { return }
            let place = members.firstIndex { $0.name == name }
            switch (place, newValue) {
            case (let place?, let value?): members[place].value = value
            case (let place?, nil): members.remove(at: place)
            case (nil, let value?): members.append(Member(name, value))
            case (nil, nil): break
            }
            self = .object(members)
        }
    }

    /// The text of a string, `nil` for anything else.
    package var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The value of a whole number that fits, `nil` for anything else. `7.0` and `7e0` are whole
    /// numbers too, as for JSON Schema and for the predecessor.
    package var integer: Int? {
        guard case .number(let digits) = self else { return nil }
        return Int(digits) ?? Double(digits).flatMap(Int.init(exactly:))
    }

    /// The elements of an array, `nil` for anything else.
    package var elements: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The members of an object, `nil` for anything else.
    package var members: [Member]? {
        if case .object(let members) = self { members } else { nil }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
    ExpressibleByNilLiteral
{
    package init(stringLiteral text: String) { self = .string(text) }
    package init(booleanLiteral flag: Bool) { self = .bool(flag) }
    package init(integerLiteral number: Int) { self = .integer(number) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral members: (String, JSONValue)...) {
        self = .object(members.map { Member($0.0, $0.1) })
    }
    package init(nilLiteral: ()) { self = .null }
}

extension JSONValue: Decodable {
    package init(from decoder: any Decoder) throws {
        if let members = try? decoder.container(keyedBy: MemberName.self) {
            self = .object(
                try members.allKeys.map {
                    Member($0.stringValue, try members.decode(JSONValue.self, forKey: $0))
                })
        } else if var elements = try? decoder.unkeyedContainer() {
            var values: [JSONValue] = []
            while !elements.isAtEnd { values.append(try elements.decode(JSONValue.self)) }
            self = .array(values)
        } else {
            self = try JSONValue(scalarFrom: decoder.singleValueContainer())
        }
    }

    private init(scalarFrom container: any SingleValueDecodingContainer) throws {
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            self = .bool(flag)
        } else if let number = try? container.decode(Int64.self) {
            self = .integer(number)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number.description)
        } else {
            self = .string(try container.decode(String.self))
        }
    }

    /// Any member's name.
    private struct MemberName: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { return nil }
    }
}

extension JSONValue {
    /// The value itself, or as much of its beginning as is written in about so many bytes.
    package func shortened(to bytesMax: Int) -> JSONValue {
        var rest = bytesMax
        return shortened(&rest)
    }

    private func shortened(_ rest: inout Int) -> JSONValue {
        switch self {
        case .null, .bool:
            rest -= 5
            return self
        case .number(let text): return JSONValue.cut(text, &rest).map { .string($0) } ?? self
        case .string(let text): return JSONValue.cut(text, &rest).map { .string($0) } ?? self
        case .array(let elements):
            var kept: [JSONValue] = []
            for element in elements where rest > 0 { kept.append(element.shortened(&rest)) }
            return .array(kept)
        case .object(let members):
            var kept: [Member] = []
            for member in members where rest > 0 {
                let name = JSONValue.cut(member.name, &rest) ?? member.name
                kept.append(Member(name, member.value.shortened(&rest)))
            }
            return .object(kept)
        }
    }

    /// The beginning of a text that does not fit; `nil` for one that does.
    private static func cut(_ text: String, _ rest: inout Int) -> String? {
        let count = text.utf8.count + 3
        defer { rest -= min(count, max(rest, 3)) }
        guard count > max(rest, 3) else { return nil }
        return String(decoding: text.utf8.prefix(max(rest, 0)), as: UTF8.self) + "…"
    }
}
