// Removes old jobs, and their files where that is configured, in small steps that delay no other
// write.

import Concurrency
package import Datasets
package import Jobs
package import Logging

/// How long ended jobs and their files are kept.
package struct RetentionSettings: Hashable, Sendable {
    /// Days after its end that a job is removed (`JOB_RETENTION_DAYS`); 0 for never.
    package var jobDays: Int
    /// Days after its job's end that a published file is removed, together with the job
    /// (`FILE_RETENTION_DAYS`); `nil` for never. The job stays until then: its row proves that the
    /// service published the file.
    package var fileDays: Int?

    package init(jobDays: Int = 90, fileDays: Int? = nil) {
        precondition(jobDays >= 0, "only ended jobs are removed")
        precondition(fileDays ?? 0 >= 0, "only ended jobs are removed")
        self.jobDays = jobDays
        self.fileDays = fileDays
    }

    /// Jobs that ended before this moment are removed; `nil` for never.
    package func limit(at now: Timestamp) -> Timestamp? {
        guard jobDays > 0 else { return nil }
        let days = max(jobDays, fileDays ?? 0)
        return Timestamp(
            microseconds: now.microseconds - Int64(days) * Timestamp.microsecondsPerDay)
    }
}

/// Removes expired jobs once an hour.
package final class Cleaner: Sendable {
    /// What one round removed.
    package struct Result: Hashable, Sendable {
        package var jobs = 0
        package var files = 0
        /// Empty folders that the service had made for jobs.
        package var folders = 0
        /// Jobs that stay until their files can be removed.
        package var postponed = 0
        /// Whether the round removed nothing because the clock may have jumped since the last one,
        /// or there was none; the next round removes old jobs.
        package var isClockInDoubt = false
    }

    /// From one round to the next.
    private static let interval = Duration.seconds(3_600)
    /// From the start to the first round: a start has more urgent work.
    private static let delay = Duration.seconds(60)
    /// Jobs read together, and removed in one transaction at most.
    private static let jobsMax = 100
    /// Rows removed in one transaction at most: some ms of the writer's time.
    private static let rowsMax = 500
    /// Between two transactions, for other writers.
    private static let pause = Duration.milliseconds(20)
    /// Events of removed jobs that stay: some 20 MB.
    private static let removalsMax = 100_000
    /// Files of a job that are read together.
    private static let filesMax = 500

    private let store: any RetentionStore
    private let files: any FileRemoving
    private let settings: RetentionSettings
    private let clock: any Timekeeping
    private let logger: Logger
    private let stopping = ShutdownSignal()

    /// - Parameter files: removes files only where the settings say so; empty folders in any case.
    package init(
        store: any RetentionStore, files: any FileRemoving, settings: RetentionSettings,
        clock: any Timekeeping, logger: Logger
    ) {
        self.store = store
        self.files = files
        self.settings = settings
        self.clock = clock
        self.logger = logger
    }

    /// Cleans once an hour until ``stop()`` is called or the task is cancelled.
    package func run() async {
        await withTaskCancellationHandler {
            await stopping.pause(for: Cleaner.delay, sleep: clock.sleep)
            while !stopping.isFired {
                do {
                    _ = try await clean()
                } catch {
                    // The next round begins where this one has ended.
                    logger.error("old jobs could not be removed", metadata: ["error": "\(error)"])
                }
                await stopping.pause(for: Cleaner.interval, sleep: clock.sleep)
            }
        } onCancel: {
            stop()
        }
    }

    /// Makes ``run()`` return soon.
    package func stop() {
        stopping.fire()
    }

    /// One round.
    ///
    /// - Throws: what the store throws. Jobs removed before the error are removed completely.
    package func clean() async throws -> Result {
        var result = Result()
        result.isClockInDoubt = try await !trustsClock()
        if !result.isClockInDoubt, let limit = settings.limit(at: clock.now) {
            var last: ExpiredJob?
            while !stopping.isFired {
                let jobs = try await store.expiredJobs(
                    endedBefore: limit, after: last, limit: Cleaner.jobsMax)
                guard let end = jobs.last else { break }
                last = end
                // With their files, one at a time: jobs that share a file keep it as long as one
                // of them stays, such as one that is pinned meanwhile.
                let steps = settings.fileDays == nil ? [jobs] : jobs.map { [$0] }
                for step in steps where !stopping.isFired {
                    try await remove(step, endedBefore: limit, adding: &result)
                }
            }
        }
        while !stopping.isFired, try await store.trimRemovals(to: Cleaner.removalsMax) {
            await pauseBriefly()
        }
        while !stopping.isFired, try await store.maintain() { await pauseBriefly() }
        if result.jobs + result.files + result.folders + result.postponed > 0 {
            logger.info(
                "old jobs were removed",
                metadata: [
                    "jobs": "\(result.jobs)", "files": "\(result.files)",
                    "folders": "\(result.folders)", "postponed": "\(result.postponed)",
                ])
        }
        return result
    }

    /// Compares the clock with the last round, and stores the time of this one.
    private func trustsClock() async throws -> Bool {
        let now = clock.now
        let last = try await store.value(for: RetentionRound.key).flatMap { Timestamp($0) }
        try await store.set(now.iso8601, for: RetentionRound.key)
        let isTrusted = RetentionRound.trusts(now, after: last)
        if !isTrusted, let last {
            logger.notice(
                "nothing is removed in this round: the last one is more than a day away",
                metadata: ["now": "\(now)", "last_round": "\(last)"])
        }
        return isTrusted
    }

    private func remove(
        _ jobs: [ExpiredJob], endedBefore limit: Timestamp, adding result: inout Result
    ) async throws {
        var ready: [ExpiredJob] = []
        for job in jobs where !stopping.isFired {
            if try await removeFiles(of: job, adding: &result) {
                ready.append(job)
            } else {
                result.postponed += 1
            }
        }
        // Before the jobs are removed: after a crash their rows name the folders again.
        for folder in Set(ready.map(\.folder)) {
            result.folders += await files.removeEmptyFolders(folder)
        }
        while !ready.isEmpty, !stopping.isFired {
            let step = try await store.remove(
                ready, endedBefore: limit, rowsMax: Cleaner.rowsMax, at: clock.now)
            let done = Set(step.removed + step.kept)
            ready.removeAll { done.contains($0.id) }
            result.jobs += step.removed.count
            await pauseBriefly()
        }
    }

    /// - Returns: whether the job can be removed.
    private func removeFiles(
        of job: ExpiredJob, adding result: inout Result
    ) async throws -> Bool {
        guard settings.fileDays != nil else { return true }
        var offset = 0
        while !stopping.isFired {
            let records = try await store.files(
                of: job.id, in: [.ok, .empty], limit: Cleaner.filesMax, offset: offset)
            for record in records where !stopping.isFired {
                guard let file = PublishedFile(record, of: job) else { continue }
                let removal = await files.remove(file) { [store] in
                    try? await store.references(to: file.file, besides: [job.id])
                }
                if removal == .removed { result.files += 1 }
                log(removal, of: file, job)
                if !removal.isSettled { return false }
            }
            if records.count < Cleaner.filesMax { return !stopping.isFired }
            offset += records.count
        }
        return false
    }

    private func log(_ removal: FileRemoval, of file: PublishedFile, _ job: ExpiredJob) {
        let metadata: Logger.Metadata = [
            "job": "\(job.id)", "folder": "\(file.folder)", "file": "\(file.file.name)",
        ]
        switch removal {
        case .changed:
            logger.notice(
                "an old file is not what was published, and stays", metadata: metadata)
        case .failed(let reason):
            logger.warning(
                "an old file cannot be removed; its job stays until it can",
                metadata: metadata.merging(["reason": "\(reason)"]) { $1 })
        case .removed, .gone, .shared, .wanted:
            logger.debug("an old file", metadata: metadata)
        }
    }

    private func pauseBriefly() async {
        await stopping.pause(for: Cleaner.pause, sleep: clock.sleep)
    }
}

extension PublishedFile {
    /// The published file of a record; `nil` where it has none.
    package init?(_ record: FileRecord, of job: ExpiredJob) {
        guard let checksum = record.checksum else { return nil }
        self.init(
            file: record.file, folder: job.folder, bytes: checksum.bytes, sha256: checksum.sha256)
    }
}
