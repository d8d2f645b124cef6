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

    /// What stands in the gaps of a path, by name; `nil` where the path has another form.
    ///
    /// - Parameter path: the segments of the path, decoded.
    func arguments(of path: [String]) -> [String: String]? {
        guard path.count == segments.count else { return nil }
        var arguments: [String: String] = [:]
        for (segment, text) in zip(segments, path) {
            switch segment {
            case .fixed(let name): guard name == text else { return nil }
            case .gap(let name): arguments[name] = text
            }
        }
        return arguments
    }
}
