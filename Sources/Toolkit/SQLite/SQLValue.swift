// The five kinds of value that SQLite stores. It must not know what they mean.

/// A value on its way into a statement.
package enum SQLValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])
}

extension SQLValue {
    /// The number, or NULL.
    package init(_ number: Int64?) {
        self = number.map(SQLValue.integer) ?? .null
    }

    /// The number, or NULL.
    package init(_ number: Int?) {
        self = number.map { .integer(Int64($0)) } ?? .null
    }

    /// The text, or NULL.
    package init(_ text: String?) {
        self = text.map(SQLValue.text) ?? .null
    }
}

extension SQLValue: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByNilLiteral
{
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(stringLiteral value: String) { self = .text(value) }
    package init(nilLiteral: ()) { self = .null }
}
