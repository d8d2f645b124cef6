// Header and trailer fields (RFC 9110 §5): an ordered list with case-insensitive names.

/// Field lines in the order in which they came or go.
package struct Headers: Sendable {
    private var fields: [(name: String, value: String)] = []

    package init() {}

    package init(_ fields: KeyValuePairs<String, String>) {
        for (name, value) in fields { append(name, value) }
    }

    package var isEmpty: Bool { fields.isEmpty }
    package var count: Int { fields.count }

    /// The value of the first line with this name, `nil` without one.
    package subscript(name: String) -> String? {
        fields.first { Headers.matches($0.name, name) }?.value
    }

    /// The values of all lines with this name, in order.
    package func all(_ name: String) -> [String] {
        fields.filter { Headers.matches($0.name, name) }.map(\.value)
    }

    /// Adds a line at the end.
    package mutating func append(_ name: String, _ value: String) {
        fields.append((name, value))
    }

    /// Replaces all lines with this name by one.
    package mutating func set(_ name: String, _ value: String) {
        fields.removeAll { Headers.matches($0.name, name) }
        append(name, value)
    }

    /// Calls the closure for each line in order.
    package func forEach(_ body: (_ name: String, _ value: String) -> Void) {
        for (name, value) in fields { body(name, value) }
    }

    private static func matches(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count
            && zip(left.utf8, right.utf8).allSatisfy { ($0 | 0x20) == ($1 | 0x20) }
    }
}
