// `download-service retention`: removes what is old at once, or lists what would go.

import Datasets
import Jobs
import Logging
import Queue
import SQLiteStore
import Tardis

/// One round of removing, by hand.
enum RetentionCommand {
    private static let pageJobs = 500

    /// Lists what would be removed now; changes nothing, and may run beside the service.
    static func list() async -> Int32 {
        await withSettings { settings in
            let store = try SQLiteJobStore(reading: settings.databasePath)
            defer { store.close() }
            let rules = RetentionSettings(settings.retention)
            guard let limit = rules.limit(at: SystemTime().now) else {
                ServiceProgram.say("Nothing: JOB_RETENTION_DAYS is 0, jobs stay for ever.\n")
                return
            }
            var jobs = 0
            var going: Set<JobID> = []
            var last: ExpiredJob?
            while true {
                let page = try await store.expiredJobs(
                    endedBefore: limit, after: last, limit: pageJobs)
                guard let end = page.last else { break }
                last = end
                for job in page {
                    ServiceProgram.say("job \(job.id): \(job.summary)\n")
                    going.insert(job.id)
                    if rules.fileDays != nil {
                        try await listFiles(of: job, unlessUsedBesides: going, in: store)
                    }
                }
                jobs += page.count
            }
            ServiceProgram.say(
                "\(TextFormat.counted(jobs, "job")) that ended before \(limit.iso8601.prefix(19))Z "
                    + "would be removed"
                    + (rules.fileDays == nil
                        ? "; files stay (FILE_RETENTION_DAYS is not set).\n"
                        : ", and of their files those that are still what was published.\n"))
        }
    }

    /// Removes it. The service does the same every hour; only one of them may work at a time.
    static func remove() async -> Int32 {
        await withSettings { settings in
            let claim = try DataFolder.claim(database: settings.databasePath)
            defer { withExtendedLifetime(claim) {} }
            let sink = try LogSink.standard(settings)
            defer { sink.drain() }
            let store = try SQLiteJobStore(path: settings.databasePath, readers: 1)
            defer { store.close() }
            let root = DataRoot(settings.dataRoot, workingFolder: DataFolder.working)
            let cleaner = Cleaner(
                store: store, files: DatasetRemover(root: root, facts: store),
                settings: RetentionSettings(settings.retention), clock: SystemTime(),
                logger: ServiceLogHandler.logger("retention", settings: settings.log, sink: sink))
            let last = try await store.value(for: RetentionRound.key)
            let result = try await cleaner.clean()
            if result.isClockInDoubt, settings.retention.jobDays > 0 {
                ServiceProgram.say(doubt(of: SystemTime().now, after: last))
                return
            }
            ServiceProgram.say(
                "Removed \(TextFormat.counted(result.jobs, "job")) and "
                    + "\(TextFormat.counted(result.files, "file"))."
                    + (result.folders > 0
                        ? " Removed \(TextFormat.counted(result.folders, "empty folder")) that the "
                            + "service had made for them." : "")
                    + (result.postponed > 0
                        ? " \(TextFormat.counted(result.postponed, "job")) must wait: their files are "
                            + "wanted by jobs that have not ended, or cannot be removed.\n"
                        : "\n"))
        }
    }

    /// Why nothing was removed, and what to do.
    private static func doubt(of now: Timestamp, after last: String?) -> String {
        let clock = "the clock says \(now.iso8601.prefix(19))Z"
        let reason =
            last.map { "\(clock), the last round was at \($0.prefix(19))Z, more than a day away" }
            ?? "\(clock), and there was no round yet to compare it with"
        return "Nothing was removed: \(reason). If the clock is right, run this again: the next "
            + "round removes what is old.\n"
    }

    private static func listFiles(
        of job: ExpiredJob, unlessUsedBesides going: Set<JobID>, in store: SQLiteJobStore
    ) async throws {
        var offset = 0
        while true {
            let records = try await store.files(
                of: job.id, in: [.ok, .empty], limit: pageJobs, offset: offset)
            for record in records {
                let users = try await store.references(to: record.file, besides: going)
                let fate =
                    users.isWanted
                    ? "waits for jobs that have not ended"
                    : users.folders.contains(job.folder) ? "stays for another job" : "would go"
                ServiceProgram.say("  \(job.folder)/\(record.file.name): \(fate)\n")
            }
            if records.count < pageJobs { return }
            offset += records.count
        }
    }

    private static func withSettings(
        _ body: (Settings) async throws -> Void
    ) async -> Int32 {
        guard let settings = ProcessEnvironment.settings() else {
            return ServiceProgram.Exit.configuration
        }
        do {
            try await body(settings)
            return ServiceProgram.Exit.success
        } catch let error as DatabaseTaken {
            ServiceProgram.complain(
                "\(error). The service itself removes what is old, every hour; to see what it "
                    + "will remove, add --dry-run.\n")
        } catch {
            ServiceProgram.complain("Old jobs cannot be removed: \(error)\n")
            return ServiceProgram.exitCode(for: error)
        }
        return ServiceProgram.Exit.failure
    }
}
