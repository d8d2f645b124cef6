// The parameters after the `?` of a request. It must not know which ones there should be.

/// The query of a request, taken apart.
struct QueryString {
    private let parameters: [(name: String, value: String)]

    /// - Parameter query: what follows the `?`, as sent.
    init(_ query: String?) {
        parameters = (query ?? "").split(separator: "&").map { pair in
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (
                PercentDecoding.decode(sides[0], plusIsSpace: true),
                sides.count > 1 ? PercentDecoding.decode(sides[1], plusIsSpace: true) : ""
            )
        }
    }

    /// The last value with this name, `nil` without one.
    subscript(name: String) -> String? {
        parameters.last { $0.name == name }?.value
    }
}
