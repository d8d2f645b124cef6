// The condition of whoever has a version already (RFC 9110 §13.1.2), for handlers that make their
// answers themselves. It must not know what the versions are of.

/// What an If-None-Match field names.
package struct IfNoneMatch: Sendable {
    private let list: EntityTagList

    /// `nil` where the request has no such field; several lines are one list (RFC 9110 §5.3).
    package init?(_ headers: Headers) {
        let lines = headers.all("If-None-Match")
        guard !lines.isEmpty else { return nil }
        list = EntityTagList(lines.joined(separator: ", "))
    }

    /// Whether it is `*`, which names whatever version there is.
    package var isAny: Bool { list == .any }

    /// Whether it names a version, by weak comparison (RFC 9110 §8.8.3.2).
    package func names(_ tag: EntityTag) -> Bool {
        list.names(tag, by: EntityTag.isWeaklyEqual)
    }
}
