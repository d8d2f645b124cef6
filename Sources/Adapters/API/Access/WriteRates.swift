// How often one user may write: a loop in one client must fill neither the database nor the outbox.

import Datasets
import Jobs
import Synchronization

/// Bounds the writes of each user by the current limits.
///
/// Each user and kind has a bucket of one minute's writes, refilled evenly (the generic cell rate
/// algorithm): the state is the moment when the bucket is full again.
final class WriteRates: Sendable {
    /// What a request writes.
    enum Kind: Hashable, Sendable {
        case submission
        case command
        case verification

        fileprivate var limit: ServiceLimit {
            switch self {
            case .submission: .userSubmissionsPerMinute
            case .command: .userCommandsPerMinute
            case .verification: .userVerificationsPerMinute
            }
        }

        fileprivate var words: (plural: String, variable: String) {
            switch self {
            case .submission: ("submissions", "USER_SUBMISSIONS_PER_MINUTE_MAX")
            case .command: ("commands", "USER_COMMANDS_PER_MINUTE_MAX")
            case .verification: ("verifications", "USER_VERIFICATIONS_PER_MINUTE_MAX")
            }
        }
    }

    private struct Key: Hashable {
        var user: String
        var kind: Kind
    }

    private static let minute: Int64 = 60_000_000
    /// Buckets above which full ones, which carry no state, are dropped.
    private static let bucketsMax = 4_096

    private let limits: RuntimeLimits
    /// When each bucket is full again, in microseconds since 1970.
    private let fullAt = Mutex<[Key: Int64]>([:])

    init(limits: RuntimeLimits) {
        self.limits = limits
    }

    /// Takes one write out of the user's bucket; administrators have none.
    ///
    /// - Throws: ``APIError/overLimit(_:retryAfterSeconds:)`` where the bucket is empty.
    func take(_ kind: Kind, by principal: Principal, at now: Timestamp) throws(APIError) {
        let most = limits.current[kind.limit]
        guard most > 0, !principal.isAdmin else { return }
        let key = Key(user: principal.name, kind: kind)
        let step = Self.minute / Int64(most)
        let present = now.microseconds
        let wait: Int64 = fullAt.withLock { fullAt in
            if fullAt.count >= Self.bucketsMax { fullAt = fullAt.filter { $0.value > present } }
            // A clock that was set back must not lock a user out for longer than a minute, so the
            // stored moment is clamped as well.
            let full = min(max(fullAt[key] ?? 0, present), present + Self.minute)
            guard full + step <= present + Self.minute else {
                fullAt[key] = full
                return full + step - Self.minute - present
            }
            fullAt[key] = full + step
            return 0
        }
        guard wait > 0 else { return }
        throw .overLimit(
            "One user may send at most \(TextFormat.grouped(most)) \(kind.words.plural) a minute "
                + "(\(kind.words.variable)). Send this again later.",
            retryAfterSeconds: Int((wait + 999_999) / 1_000_000))
    }
}
