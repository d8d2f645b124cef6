// A store whose every call takes time before and after it has happened: so that whatever people do
// meanwhile meets the queue in the middle of everything.

import Datasets
import Jobs
import TestSupport

/// Passes every call on, after a while, and answers after another.
struct SlowStore: JobStoring {
    let store: any JobStoring
    let clock: VirtualTime
    let span: Duration

    func slowly<Value>(_ call: () async throws -> Value) async throws -> Value {
        // Cancelled, the clock has no patience; the call is made all the same.
        try? await clock.sleep(for: span)
        let value = try await call()
        try? await clock.sleep(for: span)
        return value
    }

    func submit(_ submission: Submission, at now: Timestamp) async throws -> SubmissionOutcome {
        try await slowly { try await store.submit(submission, at: now) }
    }

    func outcome(
        of key: String, fingerprint: [UInt8], by user: String, at now: Timestamp
    ) async throws -> SubmissionOutcome? {
        try await slowly {
            try await store.outcome(of: key, fingerprint: fingerprint, by: user, at: now)
        }
    }

    func job(_ id: JobID) async throws -> Job? {
        try await slowly { try await store.job(id) }
    }

    func jobs(matching filter: JobFilter, limit: Int, offset: Int) async throws -> JobPage {
        try await slowly {
            try await store.jobs(matching: filter, limit: limit, offset: offset)
        }
    }

    func files(
        of id: JobID, in states: Set<FileState>?, limit: Int, offset: Int
    ) async throws -> [FileRecord] {
        try await slowly {
            try await store.files(of: id, in: states, limit: limit, offset: offset)
        }
    }

    func probe() async throws {
        try await slowly { try await store.probe() }
    }

    func recover(after end: ProcessEnd, at now: Timestamp) async throws -> Recovery {
        try await slowly { try await store.recover(after: end, at: now) }
    }

    func claimJob(for room: ClaimSlot, at now: Timestamp) async throws -> Job? {
        try await slowly { try await store.claimJob(for: room, at: now) }
    }

    func plannedFiles(of id: JobID) async throws -> Set<DatasetFile> {
        try await slowly { try await store.plannedFiles(of: id) }
    }

    func keep(_ piece: PlanBatch, of id: JobID, at now: Timestamp) async throws -> Bool {
        try await slowly { try await store.keep(piece, of: id, at: now) }
    }

    func limitSettings() async throws -> [ServiceLimit: LimitSetting] {
        try await slowly { try await store.limitSettings() }
    }

    func set(
        _ values: [ServiceLimit: Int?], by principal: Principal, detail: String, at now: Timestamp
    ) async throws -> [ServiceLimit: LimitSetting] {
        try await slowly {
            try await store.set(values, by: principal, detail: detail, at: now)
        }
    }

    func claimFiles(of id: JobID, limit: Int, at now: Timestamp) async throws -> [FileRecord] {
        try await slowly {
            try await store.claimFiles(of: id, limit: limit, at: now)
        }
    }

    func nextDue(of id: JobID) async throws -> Timestamp? {
        try await slowly { try await store.nextDue(of: id) }
    }

    func record(
        _ ending: AttemptResult, of id: JobID, position: Int, during span: AttemptSpan
    ) async throws {
        try await slowly {
            try await store.record(ending, of: id, position: position, during: span)
        }
    }

    func reports(
        of id: JobID, in states: Set<FileState>?, limit: Int, offset: Int
    ) async throws -> [FileReport] {
        try await slowly {
            try await store.reports(of: id, in: states, limit: limit, offset: offset)
        }
    }

    func fileCount(of id: JobID, in states: Set<FileState>?) async throws -> Int {
        try await slowly { try await store.fileCount(of: id, in: states) }
    }

    func symbols(of id: JobID) async throws -> [String] {
        try await slowly { try await store.symbols(of: id) }
    }

    func checksums(of id: JobID) async throws -> ChecksumList {
        try await slowly { try await store.checksums(of: id) }
    }

    func copies(of file: DatasetFile, limit: Int) async throws -> [PublishedCopy] {
        try await slowly { try await store.copies(of: file, limit: limit) }
    }

    func beginVerification(
        of id: JobID, by principal: Principal, acceptsRevision: Bool, at now: Timestamp
    ) async throws -> Job? {
        try await slowly {
            try await store.beginVerification(
                of: id, by: principal, acceptsRevision: acceptsRevision, at: now)
        }
    }

    func acceptGaps(
        of id: JobID, named names: [String]?, by principal: Principal, at now: Timestamp
    ) async throws -> JobActionResult {
        try await slowly {
            try await store.acceptGaps(of: id, named: names, by: principal, at: now)
        }
    }

    func sizes(of id: JobID) async throws -> [FileSizes] {
        try await slowly { try await store.sizes(of: id) }
    }

    func mark(_ suspicions: [Int: String], of id: JobID) async throws {
        try await slowly { try await store.mark(suspicions, of: id) }
    }

    func endRemainingFiles(
        of id: JobID, as state: FileState, because failure: FileFailure
    ) async throws {
        try await slowly {
            try await store.endRemainingFiles(of: id, as: state, because: failure)
        }
    }

    func tally(of id: JobID) async throws -> FileStateCounts {
        try await slowly { try await store.tally(of: id) }
    }

    func finish(
        _ id: JobID, as state: JobState, errorMessage: String?, at now: Timestamp
    ) async throws -> Job? {
        try await slowly {
            try await store.finish(id, as: state, errorMessage: errorMessage, at: now)
        }
    }

    func nextNotification(after user: String?) async throws -> JobNotification? {
        try await slowly { try await store.nextNotification(after: user) }
    }

    func record(
        _ outcome: DeliveryRecord, of notification: Int64, through last: Int64
    ) async throws {
        try await slowly {
            try await store.record(outcome, of: notification, through: last)
        }
    }

    func fact(_ name: String) async throws -> String? {
        try await slowly { try await store.fact(name) }
    }

    func remember(_ value: String?, as name: String) async throws {
        try await slowly { try await store.remember(value, as: name) }
    }
}
