// Pages by cursor, news of changes, and retention, as the store in memory has them.

package import Datasets
package import Jobs
import Synchronization

extension InMemoryJobStore {
    package func jobs(matching filter: JobFilter, limit: Int, offset: Int) throws -> JobPage {
        try begin("jobs")
        let matches = self.matches(filter).map(\.asShown)
        return JobPage(
            reading: Array(matches.dropFirst(offset).prefix(limit + 1)), limit: limit,
            total: matches.count)
    }

    package func jobs(
        matching filter: JobFilter, limit: Int, before: JobID?
    ) throws -> JobPage {
        try begin("jobs")
        let matches = self.matches(filter).map(\.asShown)
        let older = matches.filter { job in before.map { job.id < $0 } ?? true }
        return JobPage(
            reading: Array(older.prefix(limit + 1)), limit: limit, total: matches.count)
    }

    package nonisolated func jobInMemory(_ id: JobID) -> CachedJob? { nil }

    package nonisolated func whenJobsChange(_ tell: @escaping @Sendable (Set<JobID>) -> Void) {
        listener.withLock { $0 = tell }
    }

    // MARK: Retention

    package func expiredJobs(
        endedBefore moment: Timestamp, after: ExpiredJob?, limit: Int
    ) throws -> [ExpiredJob] {
        try begin("expiredJobs")
        let expired = jobs.values.filter { isExpired($0, moment) }.map { job in
            ExpiredJob(
                id: job.id, state: job.state, endedAt: job.completedAt?.databaseText ?? "",
                user: job.createdBy, exchange: job.exchange, folder: job.outputPath,
                filesTotal: job.progress.filesTotal,
                datasetDigest: job.integrity.datasetDigest)
        }
        let ordered = expired.sorted { ($0.endedAt, $0.id) < ($1.endedAt, $1.id) }
        let rest = ordered.filter { job in
            after.map { ($0.endedAt, $0.id) < (job.endedAt, job.id) } ?? true
        }
        return Array(rest.prefix(limit))
    }

    private func isExpired(_ job: Job, _ moment: Timestamp) -> Bool {
        guard let end = job.completedAt, end < moment, !job.control.isPinned else { return false }
        let times = [job.createdAt, job.startedAt, job.integrity.verifiedAt, queued[job.id]]
        guard times.allSatisfy({ $0.map { $0 < moment } ?? true }) else { return false }
        return !outbox.contains { $0.job.id == job.id }
    }

    package func users(of file: DatasetFile, besides id: JobID) throws -> FileReferences {
        try begin("users")
        let others = jobs.values.filter { $0.id != id }
        let having = others.filter { job in
            files[job.id, default: []].contains { $0.file == file && $0.proof != nil }
        }
        let day = file.day.description
        return FileReferences(
            folders: Set(having.map(\.outputPath)).sorted(),
            isWanted: others.contains { job in
                !job.state.isFinal && job.exchange == file.exchange && job.startDate <= day
                    && job.endDate >= day
            })
    }

    package func remove(
        _ expired: [ExpiredJob], endedBefore moment: Timestamp, rowsMax: Int, at now: Timestamp
    ) throws -> RemovalStep {
        try begin("remove")
        var step = RemovalStep()
        var rowsLeft = rowsMax
        for job in expired {
            guard let present = jobs[job.id], isExpired(present, moment) else {
                step.kept.append(job.id)
                continue
            }
            let rows = files[job.id, default: []].count
            if rows > rowsLeft {
                if step.removed.isEmpty {
                    files[job.id]?.removeLast(rowsMax)
                    count(job.id)
                    jobs[job.id]?.progress.filesTotal = files[job.id, default: []].count
                    jobs[job.id]?.integrity.datasetDigest = nil
                }
                break
            }
            rowsLeft = max(rowsLeft - rows - 4, 1)
            (jobs[job.id], files[job.id], attempts[job.id], firstOpen[job.id]) =
                (nil, nil, nil, nil)
            removals.append(job)
            step.removed.append(job.id)
        }
        return step
    }

    package func trimRemovals(to count: Int) throws -> Bool {
        try begin("trimRemovals")
        let excess = removals.count - count
        if excess > 0 { removals.removeFirst(min(excess, 1_000)) }
        return excess > 1_000
    }

    package func shrink() throws -> Bool {
        try begin("shrink")
        return false
    }
}
