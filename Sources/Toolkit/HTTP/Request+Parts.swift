// A request's path and query, taken apart and percent-decoded once. It must not know which routes
// exist.

extension Request {
    /// The segments of a path, percent-decoded once: `/jobs/7` is `jobs`, `7`; `/` is none; a slash
    /// at the end leaves an empty one.
    ///
    /// `nil` for `*`, and when a segment decodes to a slash or a NUL, which could mean one thing
    /// here and another in a file name.
    package static func segments(of path: String) -> [String]? {
        guard path.utf8.first == Byte.slash else { return nil }
        if path.utf8.count == 1 { return [] }
        var segments: [String] = []
        segments.reserveCapacity(4)
        var rest = path[...].utf8
        while rest.popFirst() != nil {
            let end = rest.firstIndex(of: Byte.slash) ?? rest.endIndex
            let part = Substring(rest[..<end])
            rest = rest[end...]
            // Nearly every segment stands for itself.
            let segment =
                part.utf8.contains(Byte.percent) ? PercentDecoding.decode(part) : String(part)
            guard !segment.utf8.contains(0), !segment.utf8.contains(Byte.slash) else { return nil }
            segments.append(segment)
        }
        return segments
    }

    /// The query's names and values; none without a query.
    package var queryItems: QueryItems { QueryItems(query ?? "") }
}
