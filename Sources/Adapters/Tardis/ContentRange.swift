// Which bytes an answer says that it brings (RFC 9110 §14.4). Pure.

/// A `Content-Range` in bytes.
struct ContentRange: Hashable {
    let first: Int64
    let last: Int64
    /// Bytes of the whole; `nil` where the sender does not know.
    let size: Int64?

    /// - Returns: `nil` for anything but `bytes FIRST-LAST/SIZE`, where SIZE may be `*`.
    init?(_ field: String) {
        guard field.lowercased().hasPrefix("bytes ") else { return nil }
        let parts = field.dropFirst("bytes ".count).split(separator: "/")
        let ends = parts.first?.split(separator: "-").map { Int64($0) } ?? []
        guard parts.count == 2, ends.count == 2, let first = ends[0], let last = ends[1],
            first >= 0, first <= last, last < .max
        else { return nil }
        size = parts[1] == "*" ? nil : Int64(parts[1])
        guard size != nil || parts[1] == "*" else { return nil }
        (self.first, self.last) = (first, last)
    }

    var count: Int64 { last - first + 1 }

    /// Whether nothing is to follow, as far as is known.
    var endsTheWhole: Bool { size == nil || size == last + 1 }
}
