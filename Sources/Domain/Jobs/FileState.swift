// The states of one planned file. It must not know what moves a file from one to the next.

/// Where a planned file stands.
package enum FileState: String, CaseIterable, Hashable, Sendable {
    case pending
    case running
    /// Published and proven, with rows.
    case ok
    /// Published and proven: Tardis has no data for that day and says so with an empty gzip.
    case empty
    /// There is no such file, and the catalogue confirms why: not listed yet, or delisted; or its
    /// owner has accepted the gap.
    case unavailable
    case failed
    case cancelled

    /// Whether nothing will change it by itself any more.
    package var isFinal: Bool { self != .pending && self != .running }

    /// Whether a job with such a file can still be `completed`.
    package var isGood: Bool { self == .ok || self == .empty || self == .unavailable }
}
