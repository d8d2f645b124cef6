// The form of a route's path, such as `/jobs/{job_id}/status`. It must not know methods.

/// A path with named gaps.
struct PathTemplate: Hashable, Sendable, CustomStringConvertible {
    /// As OpenAPI writes it.
    let description: String
    private let segments: [Segment]

    private enum Segment: Hashable {
        case fixed([UInt8])
        case gap(String)
    }

    /// - Parameter text: the path, with gaps in braces.
    init(_ text: String) {
        description = text
        segments = text.split(separator: "/").map { part in
            part.first == "{" ? .gap(String(part.dropFirst().dropLast())) : .fixed(Array(part.utf8))
        }
    }

    /// The names of the gaps, from left to right.
    var gaps: [String] {
        segments.compactMap { if case .gap(let name) = $0 { name } else { nil } }
    }

    /// How many segments a path of this form has; `/` has none.
    var segmentCount: Int { segments.count }

    /// What stands in the gaps of a path; `nil` where the path has another form.
    ///
    /// - Parameter path: decoded; begins with a slash, and no segment has another.
    func arguments(of path: UnsafeBufferPointer<UInt8>) -> PathArguments? {
        var arguments = PathArguments()
        var start = 1
        for segment in segments {
            guard start < path.count else { return nil }
            var end = start
            while end < path.count, path[end] != PathTemplate.slash { end += 1 }
            switch segment {
            case .fixed(let name):
                guard end - start == name.count else { return nil }
                for index in name.indices where path[start + index] != name[index] { return nil }
            case .gap(let name):
                guard end > start else { return nil }
                let value = UnsafeBufferPointer(rebasing: path[start..<end])
                arguments.add(name, String(decoding: value, as: UTF8.self))
            }
            start = end + 1
        }
        // Beyond the end by the slash that a further segment would have followed.
        return start == path.count + (segments.isEmpty ? 0 : 1) ? arguments : nil
    }

    private static let slash = UInt8(ascii: "/")
}

/// What stands in the gaps of a path, by name, decoded.
struct PathArguments: Sendable {
    /// Few paths have a gap, and those that have none need no list.
    private var given: [(name: String, value: String)] = []

    mutating func add(_ name: String, _ value: String) {
        given.append((name, value))
    }

    subscript(name: String) -> String? {
        for (own, value) in given where own == name { return value }
        return nil
    }
}
