// Conditional requests (RFC 9110 §13): whether a request is carried out on the present version of a
// resource.

/// What a version of a representation can be recognised by.
package struct Validators: Sendable {
    var entityTag: EntityTag?
    /// When it last changed, in seconds since 1970-01-01 00:00 UTC.
    var modifiedSeconds: Int64?

    /// - Parameters:
    ///   - entityTag: `nil` where versions have none.
    ///   - modifiedSeconds: `nil` where it is not known when it last changed.
    package init(entityTag: EntityTag?, modifiedSeconds: Int64? = nil) {
        self.entityTag = entityTag
        self.modifiedSeconds = modifiedSeconds
    }
}

/// The preconditions of a request, evaluated in the order of RFC 9110 §13.2.2.
package struct Preconditions: Sendable {
    /// What becomes of the request.
    package enum Outcome: Hashable, Sendable {
        case proceed
        /// 304: the client has this version already.
        case notModified
        /// 412: the client meant another version.
        case failed
    }

    private let method: Method
    private let headers: Headers
    private let current: Validators?
    private let nowSeconds: Int64

    /// - Parameters:
    ///   - current: of the version that a plain GET would be answered with; `nil` where there is
    ///     none.
    ///   - nowSeconds: since 1970-01-01 00:00 UTC.
    package init(
        _ method: Method, _ headers: Headers, current: Validators?, nowSeconds: Int64
    ) {
        self.method = method
        self.headers = headers
        self.current = current
        self.nowSeconds = nowSeconds
    }

    /// Whether to carry the request out. If-Range is a matter of its own.
    package var outcome: Outcome {
        // Each date is only looked at in the absence of its better: tags tell versions apart that
        // were made in the same second.
        if let list = list("If-Match") {
            if !isNamed(by: list, EntityTag.isStronglyEqual) { return .failed }
        } else if let date = date("If-Unmodified-Since"), let modified = current?.modifiedSeconds,
            modified > date
        {
            return .failed
        }
        let isRead = method == .get || method == .head
        if let list = list("If-None-Match") {
            guard isNamed(by: list, EntityTag.isWeaklyEqual) else { return .proceed }
            return isRead ? .notModified : .failed
        }
        if isRead, let date = date("If-Modified-Since"), let modified = current?.modifiedSeconds,
            modified <= date
        {
            return .notModified
        }
        return .proceed
    }

    /// Whether a Range field counts: If-Range is absent, or names this very version (RFC 9110
    /// §13.1.5).
    var allowsRange: Bool {
        guard let field = field("If-Range") else { return true }
        var bytes = Array(field.utf8)[...]
        if let tag = EntityTag(at: &bytes) {
            return bytes.isEmpty && current?.entityTag.map(tag.isStronglyEqual) == true
        }
        // A date is as good as a strong tag once its second is over (§8.8.2.2). Clients that were
        // given it earlier must not use it here.
        guard let date = HTTPDate.seconds(field, nowSeconds: nowSeconds) else { return false }
        return date == current?.modifiedSeconds && date < nowSeconds
    }

    /// `*` names any version there is, with a tag or without.
    private func isNamed(
        by list: EntityTagList, _ comparison: (EntityTag) -> (EntityTag) -> Bool
    ) -> Bool {
        guard let current else { return false }
        return current.entityTag.map { list.names($0, by: comparison) } ?? (list == .any)
    }

    private func list(_ name: String) -> EntityTagList? { field(name).map(EntityTagList.init) }

    /// `nil` also for a field that is no date, or more than one: it is to be ignored then (§13.1.3,
    /// §13.1.4).
    private func date(_ name: String) -> Int64? {
        field(name).flatMap { HTTPDate.seconds($0, nowSeconds: nowSeconds) }
    }

    /// All lines with a name as one (RFC 9110 §5.3).
    private func field(_ name: String) -> String? {
        let lines = headers.all(name)
        return lines.isEmpty ? nil : lines.joined(separator: ", ")
    }
}

/// What an If-None-Match field names.
package struct IfNoneMatch: Sendable {
    private let list: EntityTagList

    /// `nil` where the request has no such field; several lines are one list (RFC 9110 §5.3).
    package init?(_ headers: Headers) {
        let lines = headers.all("If-None-Match")
        guard !lines.isEmpty else { return nil }
        list = EntityTagList(lines.joined(separator: ", "))
    }

    /// Whether it is `*`, which names any version there is.
    package var isAny: Bool { list == .any }

    /// Whether it names a version, by weak comparison (RFC 9110 §8.8.3.2).
    package func names(_ tag: EntityTag) -> Bool {
        list.names(tag, by: EntityTag.isWeaklyEqual)
    }
}
