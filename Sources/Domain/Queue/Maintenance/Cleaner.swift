// Removes jobs that are old enough, and their files where that is wished: a little at a time, so
// that nobody waits for it. It must not know how anything is kept.

import Concurrency
package import Datasets
package import Jobs
package import Logging

/// How long what has ended is kept.
package struct RetentionSettings: Hashable, Sendable {
    /// Days after its end that a job goes (`JOB_RETENTION_DAYS`); 0 for never.
    package var jobDays: Int
    /// Days after its job's end that a published file goes, together with the job
    /// (`FILE_RETENTION_DAYS`); `nil` for never. The job stays until then: its row is what tells
    /// that the file is the service's own.
    package var fileDays: Int?

    package init(jobDays: Int = 90, fileDays: Int? = nil) {
        precondition(jobDays >= 0, "nothing goes before it has ended")
        precondition(fileDays ?? 0 >= 0, "nothing goes before it has ended")
        self.jobDays = jobDays
        self.fileDays = fileDays
    }

    /// What ended before this moment may go; `nil` where nothing ever may.
    package func limit(at now: Timestamp) -> Timestamp? {
        guard jobDays > 0 else { return nil }
        let days = max(jobDays, fileDays ?? 0)
        return Timestamp(
            microseconds: now.microseconds - Int64(days) * Timestamp.microsecondsPerDay)
    }
}

/// Looks once an hour for what may go.
package final class Cleaner: Sendable {
    /// What one round has removed.
    package struct Result: Hashable, Sendable {
        package var jobs = 0
        package var files = 0
        /// Empty folders that the service had made for jobs.
        package var folders = 0
        /// Jobs that stay until their files can be removed.
        package var postponed = 0
        /// Whether nothing was removed because the clock may have jumped since the last round, or
        /// there was none; the next round removes what is old.
        package var isClockInDoubt = false
    }

    /// From one round to the next.
    private static let interval = Duration.seconds(3_600)
    /// The first round is later than the start, when there is enough else to do.
    private static let delay = Duration.seconds(60)
    /// Jobs looked at together, and removed in one transaction at most.
    private static let jobsMax = 100
    /// Rows removed in one transaction at most: some ms of the writer's time.
    private static let rowsMax = 500
    /// Between two transactions, for the others who write.
    private static let pause = Duration.milliseconds(20)
    /// Lines of the history about removed jobs that stay: some 20 MB, and longer than anybody looks
    /// back.
    private static let removalsMax = 100_000
    /// Files of a job that are read together.
    private static let filesMax = 500

    private let store: any RetentionStore
    private let files: any FileRemoving
    private let settings: RetentionSettings
    private let clock: any Timekeeping
    private let logger: Logger
    private let stopping = ShutdownSignal()

    /// - Parameter files: asked to remove files only where the settings say that files go; empty
    ///   folders go in any case.
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
    /// - Throws: what the store throws; whatever has gone by then has gone whole.
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
                try await remove(jobs, endedBefore: limit, adding: &result)
            }
        }
        while !stopping.isFired, try await store.trimRemovals(to: Cleaner.removalsMax) {
            await rest()
        }
        while !stopping.isFired, try await store.shrink() { await rest() }
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

    /// Compares the clock with the last round, and remembers this one.
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
        // While the jobs are there: after a crash they lead to their folders once more.
        for folder in Set(ready.map(\.folder)) {
            result.folders += await files.removeEmptyFolders(folder)
        }
        while !ready.isEmpty, !stopping.isFired {
            let step = try await store.remove(
                ready, endedBefore: limit, rowsMax: Cleaner.rowsMax, at: clock.now)
            let done = Set(step.removed + step.kept)
            ready.removeAll { done.contains($0.id) }
            result.jobs += step.removed.count
            await rest()
        }
    }

    /// - Returns: whether the job can go.
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
                    try? await store.users(of: file.file, besides: job.id)
                }
                if removal == .removed { result.files += 1 }
                note(removal, of: file, job)
                if !removal.isSettled { return false }
            }
            if records.count < Cleaner.filesMax { return !stopping.isFired }
            offset += records.count
        }
        return false
    }

    private func note(_ removal: FileRemoval, of file: PublishedFile, _ job: ExpiredJob) {
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

    private func rest() async {
        await stopping.pause(for: Cleaner.pause, sleep: clock.sleep)
    }
}

extension PublishedFile {
    /// The published file of a record; `nil` where it has none.
    package init?(_ record: FileRecord, of job: ExpiredJob) {
        guard let proof = record.proof else { return nil }
        self.init(
            file: record.file, folder: job.folder, bytes: proof.bytes, sha256: proof.sha256)
    }
}
