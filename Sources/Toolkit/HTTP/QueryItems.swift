// The names and values of a query or a form. It must not know which ones there should be.

/// A query taken apart as HTML forms are encoded (WHATWG URL §5.1).
package struct QueryItems: Sendable {
    /// In order; a name without `=` has an empty value.
    package let items: [(name: String, value: String)]

    /// - Parameter text: what follows the `?`, or a body of type
    ///   `application/x-www-form-urlencoded`, as sent.
    package init(_ text: String) {
        items = text.split(separator: "&").map { pair in
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (
                PercentDecoding.decode(sides[0], plusIsSpace: true),
                sides.count > 1 ? PercentDecoding.decode(sides[1], plusIsSpace: true) : ""
            )
        }
    }

    /// The last value with this name, `nil` without one.
    package subscript(name: String) -> String? {
        items.last { $0.name == name }?.value
    }
}
