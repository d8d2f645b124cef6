// Header and trailer fields (RFC 9110 §5): an ordered list with case-insensitive names. All of them
// lie in one buffer, so that a list costs two allocations however many fields it has.

import Bytes

/// Field lines in the order in which they came or go.
package struct Headers: Sendable {
    /// Where a line's name and value lie in the buffer.
    struct Field: Sendable {
        var nameStart: UInt32
        var nameEnd: UInt32
        var valueStart: UInt32
        var valueEnd: UInt32

        var name: Range<Int> { Int(nameStart)..<Int(nameEnd) }
        var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
    }

    /// The bytes of all lines, with anything else between them. Between a name and its value stand
    /// a colon and at most white space, so that a line can be sent as it lies here.
    private(set) var bytes: [UInt8] = []
    private(set) var fields: [Field] = []
    /// Whether every name is a token and no value has a control character. Lines that the parser
    /// found always are; one that was made here may have come from a user.
    private(set) var isWellFormed = true

    package init() {}

    package init(_ fields: KeyValuePairs<String, String>) {
        for (name, value) in fields { append(name, value) }
    }

    package var isEmpty: Bool { fields.isEmpty }
    package var count: Int { fields.count }

    /// The value of the first line with this name, `nil` without one. A value that is not UTF-8 is
    /// read as Latin-1, which Python's clients send (RFC 9110 §5.5).
    package subscript(name: String) -> String? {
        for field in fields where matches(field, name) { return text(field.value) }
        return nil
    }

    /// What a list has under a name that must not come twice.
    package enum Occurrence: Hashable, Sendable {
        case none
        case once(String)
        case repeated
    }

    /// What the list has under a name that must not come twice.
    package func occurrence(of name: FieldName) -> Occurrence {
        var found: Field?
        for field in fields where matches(field, name) {
            if found != nil { return .repeated }
            found = field
        }
        return found.map { .once(text($0.value)) } ?? .none
    }

    /// The values of all lines with this name, in order.
    package func all(_ name: String) -> [String] {
        fields.filter { matches($0, name) }.map { text($0.value) }
    }

    /// Adds a line at the end. It is never sent as more than one line, for any value.
    package mutating func append(_ name: String, _ value: String) {
        let start = bytes.count
        bytes.append(text: name)
        let nameEnd = bytes.count
        bytes.append(Byte.colon)
        bytes.append(Byte.space)
        let valueStart = bytes.count
        bytes.append(text: value)
        let field = Field(
            nameStart: UInt32(start), nameEnd: UInt32(nameEnd), valueStart: UInt32(valueStart),
            valueEnd: UInt32(bytes.count))
        fields.append(field)
        if isWellFormed, !isToken(field.name) || !isText(field.value) { isWellFormed = false }
    }

    /// Replaces all lines with this name by one.
    package mutating func set(_ name: String, _ value: String) {
        fields = fields.filter { !matches($0, name) }
        append(name, value)
    }

    /// Removes all lines with any of these names.
    package mutating func remove(_ names: String...) {
        fields = fields.filter { field in !names.contains { matches(field, $0) } }
    }

    /// Whether there is a precondition (RFC 9110 §13.1); all of their names begin with `If-`.
    package var hasCondition: Bool {
        let span = bytes.span
        for field in fields where field.nameEnd - field.nameStart > 3 {
            let start = Int(field.nameStart)
            if span[start].lowercased == UInt8(ascii: "i"),
                span[start + 1].lowercased == UInt8(ascii: "f"),
                span[start + 2] == UInt8(ascii: "-")
            {
                return true
            }
        }
        return false
    }

    /// Calls the closure for each line in order.
    package func forEach(_ body: (_ name: String, _ value: String) -> Void) {
        for field in fields { body(text(field.name), text(field.value)) }
    }

    /// The value of the first line with this name, as ``subscript(_:)`` reads it.
    func first(_ name: FieldName) -> String? {
        for field in fields where matches(field, name) { return text(field.value) }
        return nil
    }

    /// Whether a line has this name.
    func matches(_ field: Field, _ wanted: FieldName) -> Bool {
        guard field.name.count == wanted.lowercased.count else { return false }
        let (span, wanted) = (bytes.span, wanted.lowercased.span)
        for index in wanted.indices
        where span[field.name.lowerBound + index].lowercased != wanted[index] {
            return false
        }
        return true
    }

    /// Whether a line has this name.
    func matches(_ field: Field, _ wanted: String) -> Bool {
        guard field.name.count == wanted.utf8.count else { return false }
        let span = bytes.span
        var wanted = wanted
        return wanted.withUTF8 { wanted in
            for index in 0..<wanted.count {
                let byte = span[field.name.lowerBound + index]
                // Most clients write names as their documentation does.
                if byte != wanted[index], byte.lowercased != wanted[index].lowercased {
                    return false
                }
            }
            return true
        }
    }

    /// Whether a line has this name, given in lower case.
    func isNamed(_ field: Field, _ lowercaseName: StaticString) -> Bool {
        equals(field.name, lowercaseName)
    }

    /// Whether bytes spell a word, given in lower case, in any case.
    func equals(_ range: Range<Int>, _ lowercaseWord: StaticString) -> Bool {
        guard range.count == lowercaseWord.utf8CodeUnitCount else { return false }
        let span = bytes.span
        return lowercaseWord.withUTF8Buffer { wanted in
            for index in 0..<wanted.count
            where span[range.lowerBound + index].lowercased != wanted[index] {
                return false
            }
            return true
        }
    }

    /// Whether bytes are a token (RFC 9110 §5.6.2).
    func isToken(_ range: Range<Int>) -> Bool {
        let span = bytes.span
        let token = ByteSet.token
        for index in range where !token.contains(span[index]) { return false }
        return !range.isEmpty
    }

    private func isText(_ range: Range<Int>) -> Bool {
        let span = bytes.span
        for index in range where span[index].isForbiddenInValue { return false }
        return true
    }

    private func text(_ range: Range<Int>) -> String {
        // Nearly every value is ASCII, which needs no second look.
        let span = bytes.span
        var isPlain = true
        for index in range where span[index] >= 0x80 { isPlain = false }
        if isPlain { return HTTP.text(span, range) }
        if let text = String(validating: bytes[range], as: UTF8.self) { return text }
        return String(String.UnicodeScalarView(bytes[range].map { Unicode.Scalar($0) }))
    }
}

extension Headers {
    /// Any part of the bytes as a string; what is not UTF-8 becomes U+FFFD.
    func string(_ range: Range<UInt32>) -> String {
        HTTP.text(bytes.span, Int(range.lowerBound)..<Int(range.upperBound))
    }

    /// Takes over the bytes in which lines were found that ``note(_:)`` adds, to a list without
    /// any of its own.
    mutating func begin(with lines: ArraySlice<UInt8>) {
        bytes.append(contentsOf: lines)
    }

    /// Adds a line by its place in the bytes.
    mutating func note(_ field: Field) {
        fields.append(field)
    }

    /// Forgets everything but the storage.
    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        fields.removeAll(keepingCapacity: true)
        isWellFormed = true
    }
}
