// The form of a route's path, such as `/jobs/{job_id}/status`. It must not know methods.

/// A path with named gaps.
struct PathTemplate: Hashable, Sendable, CustomStringConvertible {
    /// As OpenAPI writes it.
    let description: String
    private let segments: [Segment]

    private enum Segment: Hashable {
        case fixed(String)
        case gap(String)
    }

    /// - Parameter text: the path, with gaps in braces.
    init(_ text: String) {
        description = text
        segments = text.split(separator: "/").map { part in
            part.first == "{" ? .gap(String(part.dropFirst().dropLast())) : .fixed(String(part))
        }
    }

    /// The names of the gaps, from left to right.
    var gaps: [String] {
        segments.compactMap { if case .gap(let name) = $0 { name } else { nil } }
    }

    /// What stands in the gaps of a path; `nil` where the path has another form.
    ///
    /// - Parameter path: the segments of the path, decoded.
    func arguments(of path: [String]) -> PathArguments? {
        guard path.count == segments.count else { return nil }
        var arguments = PathArguments()
        for index in segments.indices {
            switch segments[index] {
            case .fixed(let name): guard name == path[index] else { return nil }
            case .gap(let name): arguments.add(name, path[index])
            }
        }
        return arguments
    }
}

/// What stands in the gaps of a path, by name, decoded.
struct PathArguments: Sendable {
    /// Nearly every path has one gap at most, and needs no list then.
    private var first: (name: String, value: String)?
    private var others: [(name: String, value: String)] = []

    mutating func add(_ name: String, _ value: String) {
        if first == nil { first = (name, value) } else { others.append((name, value)) }
    }

    subscript(name: String) -> String? {
        if let first, first.name == name { return first.value }
        return others.first { $0.name == name }?.value
    }
}
