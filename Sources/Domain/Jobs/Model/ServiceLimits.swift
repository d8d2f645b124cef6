// The limits that administrators may change while the service runs, and their current values.

package import Datasets
import Synchronization

/// One limit. The names are part of the API.
package enum ServiceLimit: String, CaseIterable, Hashable, Sendable {
    /// Files in transfer at once, over all jobs together.
    case transfers
    /// Jobs that run at once; the others wait.
    case runningJobs = "running_jobs"
    /// Requests for datasets that begin within a second; 0 for no limit.
    case requestsPerSecond = "requests_per_second"
    /// Bytes of datasets received within a second, over all transfers together; 0 for no limit.
    case bytesPerSecond = "bytes_per_second"
    /// Jobs of one user that have not ended; 0 for no limit.
    case userQueuedJobs = "user_queued_jobs"
    /// Files that one user may ask for within a day; 0 for no limit.
    case userFilesPerDay = "user_files_per_day"
    /// Submissions of one user within a minute; 0 for no limit, as the following.
    case userSubmissionsPerMinute = "user_submissions_per_minute"
    /// Commands of one user (cancel, retry, pause, resume, change) within a minute.
    case userCommandsPerMinute = "user_commands_per_minute"
    /// Verifications that one user begins within a minute.
    case userVerificationsPerMinute = "user_verifications_per_minute"

    /// The values that it may be set to.
    package var range: ClosedRange<Int> {
        switch self {
        // As many connections as one service should ever open to Tardis.
        case .transfers: 1...256
        case .runningJobs: 1...1_000
        case .requestsPerSecond: 0...100_000
        case .bytesPerSecond: 0...1_000_000_000_000
        case .userQueuedJobs: 0...1_000_000
        case .userFilesPerDay: 0...1_000_000_000
        case .userSubmissionsPerMinute, .userCommandsPerMinute, .userVerificationsPerMinute:
            0...1_000_000
        }
    }
}

/// All limits, each within its ``ServiceLimit/range``.
package struct ServiceLimits: Hashable, Sendable {
    package var transfers: Int
    package var runningJobs: Int
    /// 0 for no limit, as the following.
    package var requestsPerSecond: Int
    package var bytesPerSecond: Int
    package var userQueuedJobs: Int
    package var userFilesPerDay: Int
    package var userSubmissionsPerMinute = 0
    package var userCommandsPerMinute = 0
    package var userVerificationsPerMinute = 0

    package init(
        transfers: Int = 16, runningJobs: Int = 4, requestsPerSecond: Int = 0,
        bytesPerSecond: Int = 0, userQueuedJobs: Int = 0, userFilesPerDay: Int = 0
    ) {
        self.transfers = transfers
        self.runningJobs = runningJobs
        self.requestsPerSecond = requestsPerSecond
        self.bytesPerSecond = bytesPerSecond
        self.userQueuedJobs = userQueuedJobs
        self.userFilesPerDay = userFilesPerDay
        for limit in ServiceLimit.allCases {
            precondition(limit.range.contains(self[limit]), "\(limit.rawValue) is out of range")
        }
    }

    /// Transfers beyond ``transfers`` for users with no other file in flight: a quarter, at least
    /// one.
    package var transfersBeyond: Int { max(1, transfers / 4) }

    package subscript(limit: ServiceLimit) -> Int {
        get { self[keyPath: limit.property] }
        set {
            precondition(limit.range.contains(newValue), "\(limit.rawValue) is out of range")
            self[keyPath: limit.property] = newValue
        }
    }
}

extension ServiceLimit {
    fileprivate var property: WritableKeyPath<ServiceLimits, Int> {
        switch self {
        case .transfers: \.transfers
        case .runningJobs: \.runningJobs
        case .requestsPerSecond: \.requestsPerSecond
        case .bytesPerSecond: \.bytesPerSecond
        case .userQueuedJobs: \.userQueuedJobs
        case .userFilesPerDay: \.userFilesPerDay
        case .userSubmissionsPerMinute: \.userSubmissionsPerMinute
        case .userCommandsPerMinute: \.userCommandsPerMinute
        case .userVerificationsPerMinute: \.userVerificationsPerMinute
        }
    }
}

/// What an administrator has set a limit to.
package struct LimitSetting: Hashable, Sendable {
    /// `nil` where it was set back to its default.
    package var value: Int?
    package var changedBy: String
    package var changedAt: Timestamp
    /// Of two settings the one with the greater number is the later one.
    package var revision: Int64

    package init(value: Int?, changedBy: String, changedAt: Timestamp, revision: Int64) {
        self.value = value
        self.changedBy = changedBy
        self.changedAt = changedAt
        self.revision = revision
    }
}

/// The service's limits while it runs: read by many threads, changed now and then.
///
/// Reading costs a lock that is held for nanoseconds. Read again instead of keeping a value, so
/// that a change takes effect at once; observe to wake a wait that a change can end.
package final class RuntimeLimits: Sendable {
    private struct State {
        var limits: ServiceLimits
        var settings: [ServiceLimit: LimitSetting] = [:]
        var observers: [@Sendable () -> Void] = []
    }

    /// The limits before any change.
    package let defaults: ServiceLimits
    private let state: Mutex<State>

    package init(defaults: ServiceLimits = ServiceLimits()) {
        self.defaults = defaults
        state = Mutex(State(limits: defaults))
    }

    /// The limits of this moment.
    package var current: ServiceLimits { state.withLock { $0.limits } }

    /// Every setting, also those back to the default.
    package var settings: [ServiceLimit: LimitSetting] { state.withLock { $0.settings } }

    /// Calls a closure after every change of a limit, on the thread that made the change. It must
    /// return at once, and should read ``current``. Observers are never removed.
    package func observe(_ observer: @escaping @Sendable () -> Void) {
        state.withLock { $0.observers.append(observer) }
    }

    /// Applies settings that are later than the known ones; a value out of range, which an earlier
    /// version may have allowed, counts as its nearest bound.
    package func apply(_ settings: [ServiceLimit: LimitSetting]) {
        let observers = state.withLock { state -> [@Sendable () -> Void] in
            let former = state.limits
            for (limit, setting) in settings
            where state.settings[limit].map({ $0.revision < setting.revision }) ?? true {
                state.settings[limit] = setting
                let value = setting.value ?? defaults[limit]
                state.limits[limit] = min(
                    max(value, limit.range.lowerBound), limit.range.upperBound)
            }
            return state.limits == former ? [] : state.observers
        }
        for observer in observers { observer() }
    }
}
