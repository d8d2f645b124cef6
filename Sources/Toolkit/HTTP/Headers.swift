// Header and trailer fields (RFC 9110 §5): an ordered list with case-insensitive names. All of
// them lie in one buffer, so that a request costs two allocations however many it has.

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

    /// The bytes of all lines, with anything else between them.
    private(set) var bytes: [UInt8] = []
    private(set) var fields: [Field] = []

    package init() {}

    package init(_ fields: KeyValuePairs<String, String>) {
        for (name, value) in fields { append(name, value) }
    }

    /// Lines found by the parser.
    init(bytes: [UInt8], fields: [Field]) {
        self.bytes = bytes
        self.fields = fields
    }

    package var isEmpty: Bool { fields.isEmpty }
    package var count: Int { fields.count }

    /// The value of the first line with this name, `nil` without one. A value that is not UTF-8 is
    /// read as Latin-1, which Python's clients send (RFC 9110 §5.5).
    package subscript(name: String) -> String? {
        for field in fields where matches(field, name) { return text(field.value) }
        return nil
    }

    /// The values of all lines with this name, in order.
    package func all(_ name: String) -> [String] {
        fields.filter { matches($0, name) }.map { text($0.value) }
    }

    /// Adds a line at the end.
    package mutating func append(_ name: String, _ value: String) {
        let nameStart = UInt32(bytes.count)
        bytes.append(contentsOf: name.utf8)
        let valueStart = UInt32(bytes.count)
        bytes.append(contentsOf: value.utf8)
        fields.append(
            Field(
                nameStart: nameStart, nameEnd: valueStart, valueStart: valueStart,
                valueEnd: UInt32(bytes.count)))
    }

    /// Replaces all lines with this name by one.
    package mutating func set(_ name: String, _ value: String) {
        fields = fields.filter { !matches($0, name) }
        append(name, value)
    }

    /// Calls the closure for each line in order.
    package func forEach(_ body: (_ name: String, _ value: String) -> Void) {
        for field in fields { body(text(field.name), text(field.value)) }
    }

    /// Whether a line has this name, given in lower case.
    func isNamed(_ field: Field, _ lowercaseName: StaticString) -> Bool {
        let name = field.name
        guard name.count == lowercaseName.utf8CodeUnitCount else { return false }
        let span = bytes.span
        return lowercaseName.withUTF8Buffer { wanted in
            for index in 0..<wanted.count
            where span[name.lowerBound + index].lowercased != wanted[index] {
                return false
            }
            return true
        }
    }

    /// Whether a line has this name.
    func matches(_ field: Field, _ wanted: String) -> Bool {
        var index = field.name.lowerBound
        guard field.name.count == wanted.utf8.count else { return false }
        for byte in wanted.utf8 {
            if byte.lowercased != bytes[index].lowercased { return false }
            index += 1
        }
        return true
    }

    private func text(_ range: Range<Int>) -> String {
        if let text = String(validating: bytes[range], as: UTF8.self) { return text }
        return String(String.UnicodeScalarView(bytes[range].map { Unicode.Scalar($0) }))
    }
}
