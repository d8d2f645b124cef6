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
        var path = path
        let isFit = path.withUTF8 { bytes in
            var start = 1
            while start <= bytes.count {
                var end = start
                var hasPercent = false
                while end < bytes.count, bytes[end] != Byte.slash {
                    if bytes[end] == Byte.percent { hasPercent = true }
                    end += 1
                }
                let part = String(
                    decoding: UnsafeBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self)
                start = end + 1
                // Nearly every segment stands for itself, and cannot have what it must not.
                guard hasPercent else {
                    segments.append(part)
                    continue
                }
                let segment = PercentDecoding.decode(part)
                guard !segment.utf8.contains(0), !segment.utf8.contains(Byte.slash) else {
                    return false
                }
                segments.append(segment)
            }
            return true
        }
        return isFit ? segments : nil
    }

    /// The query's names and values; none without a query.
    package var queryItems: QueryItems { QueryItems(query ?? "") }
}
