// Retention and notifications of the store in memory.

package import Datasets
package import Jobs

extension InMemoryJobStore {
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

    package func references(
        to file: DatasetFile, besides ids: Set<JobID>
    ) throws -> FileReferences {
        try begin("users")
        let others = jobs.values.filter { !ids.contains($0.id) }
        let having = others.filter { job in
            files[job.id, default: []].contains { $0.file == file && $0.checksum != nil }
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

    package func maintain() throws -> Bool {
        try begin("shrink")
        return false
    }

    package func nextNotification(after user: String?) throws -> JobNotification? {
        try begin("nextNotification")
        let users = Set(outbox.map(\.job.createdBy)).sorted()
        let user = users.first { $0 > user ?? "" } ?? users.first
        guard
            var news = outbox.first(where: { $0.notBefore != nil })
                ?? outbox.first(where: { $0.job.createdBy == user })
        else { return nil }
        let alike = outbox.filter { $0.isAlike(news) }
        if alike.count > MergedNotifications.unmergedMax, let last = alike.last {
            var jobs: Set<JobID> = []
            let first = alike.map(\.job.id).filter { jobs.insert($0).inserted }
            news.merged = MergedNotifications(
                count: alike.count, jobs: jobs.count,
                firstJobs: Array(first.prefix(MergedNotifications.jobsNamed)), last: last.id)
        }
        return news
    }

    package func record(
        _ outcome: DeliveryRecord, of notification: Int64, through last: Int64
    ) throws {
        try begin("recordDelivery")
        guard let index = outbox.firstIndex(where: { $0.id == notification }) else {
            violations.append("notification \(notification): \(outcome) without being there")
            return
        }
        switch outcome {
        case .delivered, .refused:
            let first = outbox[index]
            let ended = outbox.filter { $0.isAlike(first) && (first.id...last).contains($0.id) }
            deliveries += ended.map { ($0, outcome) }
            let ids = Set(ended.map(\.id))
            outbox.removeAll { ids.contains($0.id) }
        case .retry(let moment, _):
            outbox[index].attempts += 1
            outbox[index].notBefore = moment
        }
    }
}

extension JobNotification {
    /// Whether both may be told in one message.
    fileprivate func isAlike(_ other: JobNotification) -> Bool {
        kind == other.kind && job.createdBy == other.job.createdBy
            && isAboutVerification == other.isAboutVerification
    }
}
