// How far a job is and why it waits, in numbers and words that every screen shows alike.

import APITypes
import Datasets
import Posix

/// The counters of a job, made consistent: none is negative, and the parts are never more than the
/// whole.
struct JobCounts: Hashable {
    let total: Int
    /// Files that succeeded; the next three are parts of them.
    let done: Int
    /// Files without a row.
    let empty: Int
    /// Files that Tardis does not have, for a known reason.
    let unavailable: Int
    /// Files that Tardis does not have, which the owner accepted.
    let gaps: Int
    let failed: Int
    let cancelled: Int
    /// Whether failed and cancelled files have one number, as in services older than the client.
    private let mixesCancelled: Bool

    init(_ job: JobResponse) {
        func part(_ count: Int?, of whole: Int) -> Int { min(max(count ?? 0, 0), whole) }
        total = max(job.filesTotal, 0)
        done = part(job.filesDone, of: total)
        failed = part(job.filesFailed, of: total - done)
        cancelled = part(job.filesCancelled, of: total - done - failed)
        empty = part(job.filesEmpty, of: done)
        let missing = part(job.filesUnavailable, of: done - empty)
        gaps = part(job.gapsAccepted, of: missing)
        unavailable = missing - gaps
        mixesCancelled = job.filesCancelled == nil && job.status == "cancelled"
    }

    /// Files that have ended, with success or without.
    var ended: Int { done + failed + cancelled }

    /// Special cases among the files that are done: ` (1 empty, 2 unavailable)`, or nothing.
    var remarks: String {
        let parts = [
            (empty, "empty"), (unavailable, "unavailable"),
            (gaps, gaps == 1 ? "accepted gap" : "accepted gaps"),
        ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        return parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))"
    }

    /// Files without success, after a comma each: `, 1 failed, 65 cancelled`.
    var losses: String {
        let name = mixesCancelled ? "failed or cancelled" : "failed"
        return (failed > 0 ? ", \(failed) \(name)" : "")
            + (cancelled > 0 ? ", \(cancelled) cancelled" : "")
    }

    /// `59 of 124 done (1 empty), 1 failed, 64 cancelled`.
    var text: String { "\(done) of \(total) done\(remarks)\(losses)" }
}

/// Why a job makes no progress at the moment.
struct WaitReason: Hashable {
    /// The service's name for the kind of reason, such as `paused` or `parked`.
    let code: String
    private let reason: String
    private let until: Timestamp?

    /// What the job waits for; `nil` where it does not wait. Services older than the client only
    /// report whether it is paused and when it resumes.
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

    /// Whether it only waits for other jobs or files, which is no problem.
    var isTurn: Bool { ["behind", "next", "turn"].contains(code) }

    /// Whether a user paused it.
    var isPaused: Bool { code == "paused" }

    /// Whether the job resumes without a decision of a user or an administrator.
    var resumesByItself: Bool {
        !["paused", "data_root_changed", "database_moved"].contains(code)
    }

    /// `waits until 14:05 UTC: the quota is used up`, `paused by alice`.
    ///
    /// - Parameter now: for times of another day, which are printed with their day.
    func text(at now: Timestamp = WaitReason.now) -> String {
        if until != nil { return "waits \(facts(at: now))" }
        return isPaused || reason.hasPrefix("wait") ? reason : "waits: \(reason)"
    }

    /// The time and the reason alone: `until 14:05 UTC: the quota is used up`.
    func facts(at now: Timestamp = WaitReason.now) -> String {
        guard let until else { return reason }
        let minute = until.iso8601
        let clock = "\(minute.dropFirst(11).prefix(5)) UTC"
        let full = "\(minute.prefix(10)) \(clock)"
        // The service's reason may name the time already.
        let words = [" until \(full)", " until \(clock)"].reduce(reason) {
            $0.replacing($1, with: "")
        }
        return "until \(until.day == now.day ? clock : full): \(words)"
    }

    static var now: Timestamp { Timestamp(microseconds: WallClock.microseconds) }
}
