// Conditional requests (RFC 9110 §13): whether a request is to be carried out on the version of a
// resource that there is now. It must not know what the resource is.

/// What a version of a representation can be recognised by.
struct Validators {
    var entityTag: EntityTag
    /// When it last changed, in seconds since 1970-01-01 00:00 UTC.
    var modifiedSeconds: Int64
}

/// The preconditions of a request, evaluated in the order of RFC 9110 §13.2.2.
struct Preconditions {
    /// What becomes of the request.
    enum Outcome: Hashable {
        case proceed
        /// 304: the client has this version already.
        case notModified
        /// 412: the client meant another version.
        case failed
    }

    private let method: Method
    private let headers: Headers
    private let current: Validators
    private let nowSeconds: Int64

    /// - Parameters:
    ///   - current: of the version that a plain GET would be answered with.
    ///   - nowSeconds: since 1970-01-01 00:00 UTC.
    init(
        _ method: Method, _ headers: Headers, current: Validators, nowSeconds: Int64
    ) {
        self.method = method
        self.headers = headers
        self.current = current
        self.nowSeconds = nowSeconds
    }

    /// Whether to carry the request out. If-Range is a matter of its own.
    var outcome: Outcome {
        // Each date is only looked at in the absence of its better: tags tell versions apart that
        // were made in the same second.
        if let list = list("If-Match") {
            if !list.names(current.entityTag, by: EntityTag.isStronglyEqual) { return .failed }
        } else if let date = date("If-Unmodified-Since"), current.modifiedSeconds > date {
            return .failed
        }
        let isRead = method == .get || method == .head
        if let list = list("If-None-Match") {
            guard list.names(current.entityTag, by: EntityTag.isWeaklyEqual) else {
                return .proceed
            }
            return isRead ? .notModified : .failed
        }
        if isRead, let date = date("If-Modified-Since"), current.modifiedSeconds <= date {
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
            return bytes.isEmpty && tag.isStronglyEqual(to: current.entityTag)
        }
        // A date is as good as a strong tag once its second is over (§8.8.2.2). Clients that were
        // given it earlier must not use it here.
        guard let date = HTTPDate.seconds(field, nowSeconds: nowSeconds) else { return false }
        return date == current.modifiedSeconds && date < nowSeconds
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
