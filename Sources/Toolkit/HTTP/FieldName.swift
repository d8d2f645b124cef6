// The name of a header field to look for, prepared once instead of at every request.

/// A field name (RFC 9110 §5.1): a token whose case does not matter.
package struct FieldName: Hashable, Sendable, ExpressibleByStringLiteral {
    /// As it was spelled.
    package let text: String
    let lowercased: [UInt8]

    package init(_ text: String) {
        self.text = text
        lowercased = text.utf8.map(\.lowercased)
    }

    package init(stringLiteral text: String) {
        self.init(text)
    }

    package static func == (left: FieldName, right: FieldName) -> Bool {
        left.lowercased == right.lowercased
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(lowercased)
    }
}
