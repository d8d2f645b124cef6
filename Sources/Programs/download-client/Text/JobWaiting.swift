// Why a job waits and until when, as status, list and watch say it.

import APITypes
import Datasets
import Posix

/// A job that does not get on at the moment.
struct JobWaiting: Hashable {
    /// The service's name for the kind of reason, such as `paused` or `parked`.
    let code: String
    private let reason: String
    private let until: Timestamp?

    /// What the job waits for; `nil` where it does not wait. Services older than the client only
    /// say whether it is paused and when it goes on.
    init?(_ job: JobResponse) {
        guard ["pending", "running"].contains(job.status) else { return nil }
        if let waiting = job.waiting {
            code = waiting.code
            reason = TerminalSafeText.line(waiting.reason)
            until = waiting.until.flatMap { Timestamp($0) }
        } else if job.paused == true {
            (code, reason, until) = ("paused", "paused", nil)
        } else if let resumeAt = job.resumeAt.flatMap({ Timestamp($0) }) {
            (code, reason, until) = ("parked", "Tardis asked for a pause", resumeAt)
        } else {
            return nil
        }
    }

    /// Whether it only waits for other jobs or files: nothing is wrong then.
    var isTurn: Bool { ["behind", "next", "turn"].contains(code) }

    /// Whether a user paused it.
    var isPaused: Bool { code == "paused" }

    /// Whether it goes on without a decision of a user or an administrator.
    var goesOnByItself: Bool {
        !["paused", "data_root_changed", "database_moved"].contains(code)
    }

    /// `waits until 14:05 UTC: the quota is used up`, `paused by alice`.
    ///
    /// - Parameter now: tells whether the time is of today.
    func text(at now: Timestamp = JobWaiting.now) -> String {
        if until != nil { return "waits \(facts(at: now))" }
        return isPaused || reason.hasPrefix("wait") ? reason : "waits: \(reason)"
    }

    /// The moment and the reason alone: `until 14:05 UTC: the quota is used up`.
    func facts(at now: Timestamp = JobWaiting.now) -> String {
        guard let until else { return reason }
        let minute = until.iso8601
        let clock = "\(minute.dropFirst(11).prefix(5)) UTC"
        let full = "\(minute.prefix(10)) \(clock)"
        // The service's own words may name the moment already.
        let rest = [" until \(full)", " until \(clock)"].reduce(reason) {
            $0.replacing($1, with: "")
        }
        return "until \(until.day == now.day ? clock : full): \(rest)"
    }

    static var now: Timestamp { Timestamp(microseconds: WallClock.microseconds) }
}
