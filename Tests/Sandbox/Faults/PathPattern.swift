// Which paths a scripted fault is for. It must not know what a fault is.

/// A pattern with `*` for any characters and `?` for any one; without either, a prefix.
struct PathPattern: Hashable, Sendable {
    let text: String

    init(_ text: String) {
        self.text = text
    }

    func matches(_ path: String) -> Bool {
        let pattern = Array(text.utf8)
        guard pattern.contains(where: { $0 == PathPattern.star || $0 == PathPattern.mark }) else {
            return path.utf8.starts(with: pattern)
        }
        return PathPattern.matches(pattern, Array(path.utf8))
    }

    /// The usual walk with one place to return to: the last star, which then swallows one more.
    private static func matches(_ pattern: [UInt8], _ path: [UInt8]) -> Bool {
        var (next, position) = (0, 0)
        var retry: (next: Int, position: Int)?
        while position < path.count {
            if next < pattern.count, pattern[next] == star {
                retry = (next + 1, position)
                next += 1
            } else if next < pattern.count, pattern[next] == mark || pattern[next] == path[position]
            {
                next += 1
                position += 1
            } else if let place = retry {
                retry = (place.next, place.position + 1)
                (next, position) = (place.next, place.position + 1)
            } else {
                return false
            }
        }
        return pattern[next...].allSatisfy { $0 == star }
    }

    private static let star = UInt8(ascii: "*")
    private static let mark = UInt8(ascii: "?")
}
