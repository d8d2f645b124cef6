// The form of a route's path, such as `/jobs/{job_id}/status`. It must not know methods.

/// A path with named gaps.
struct PathTemplate: Hashable, Sendable, CustomStringConvertible {
    /// As OpenAPI writes it.
    let description: String
    private let segments: [Segment]
    private let hasGaps: Bool

    private enum Segment: Hashable {
        case fixed([UInt8])
        case gap(String)

        func fits(_ path: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
            guard case .fixed(let name) = self else { return !range.isEmpty }
            guard range.count == name.count else { return false }
            for index in name.indices where path[range.lowerBound + index] != name[index] {
                return false
            }
            return true
        }
    }

    /// - Parameter text: the path, with gaps in braces.
    init(_ text: String) {
        description = text
        segments = text.split(separator: "/").map { part in
            part.first == "{" ? .gap(String(part.dropFirst().dropLast())) : .fixed(Array(part.utf8))
        }
        hasGaps = text.utf8.contains(UInt8(ascii: "{"))
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
        // Several routes differ in their last segment only: what stands in the gaps is not copied
        // before the whole form fits.
        var arguments = PathArguments()
        guard forEachSegment(of: path, { $0.fits(path, $1) }) else { return nil }
        guard hasGaps else { return arguments }
        _ = forEachSegment(of: path) { segment, range in
            if case .gap(let name) = segment {
                let value = UnsafeBufferPointer(rebasing: path[range])
                arguments.add(name, String(decoding: value, as: UTF8.self))
            }
            return true
        }
        return arguments
    }

    /// Calls the closure for each segment and its place in a path until it says no.
    ///
    /// - Returns: whether it never did, and the path has as many segments.
    private func forEachSegment(
        of path: UnsafeBufferPointer<UInt8>, _ body: (Segment, Range<Int>) -> Bool
    ) -> Bool {
        var start = 1
        for segment in segments {
            guard start < path.count else { return false }
            var end = start
            while end < path.count, path[end] != PathTemplate.slash { end += 1 }
            guard body(segment, start..<end) else { return false }
            start = end + 1
        }
        // Beyond the end by the slash that a further segment would have followed.
        return start == path.count + (segments.isEmpty ? 0 : 1)
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
