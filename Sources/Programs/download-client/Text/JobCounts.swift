// The files of a job by how they ended, in numbers that every screen shows alike.

import APITypes

/// The counters of a job, made consistent whatever the service says: none is negative, and the
/// parts are never more than the whole.
struct JobCounts: Hashable {
    let total: Int
    /// Files that ended well; the next three are parts of them.
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

    /// Files that have ended, well or not.
    var ended: Int { done + failed + cancelled }

    /// What is special about the files that are done: ` (1 empty, 2 unavailable)`, or nothing.
    var remarks: String {
        let parts = [
            (empty, "empty"), (unavailable, "unavailable"),
            (gaps, gaps == 1 ? "accepted gap" : "accepted gaps"),
        ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        return parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))"
    }

    /// What has not ended well, after a comma each: `, 1 failed, 65 cancelled`.
    var losses: String {
        let name = mixesCancelled ? "failed or cancelled" : "failed"
        return (failed > 0 ? ", \(failed) \(name)" : "")
            + (cancelled > 0 ? ", \(cancelled) cancelled" : "")
    }

    /// `59 of 124 done (1 empty), 1 failed, 64 cancelled`.
    var text: String { "\(done) of \(total) done\(remarks)\(losses)" }
}
