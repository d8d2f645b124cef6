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

    private func slowly<Value>(_ call: () async throws -> Value) async throws -> Value {
        // Cancelled, the clock has no patience; the call is made all the same.
        try? await clock.sleep(for: span)
        let value = try await call()
        try? await clock.sleep(for: span)
        return value
    }

    func insert(_ request: DownloadRequest, at now: Timestamp) async throws -> Job {
        try await slowly { try await store.insert(request, at: now) }
    }
    func job(_ id: JobID) async throws -> Job? {
        try await slowly { try await store.job(id) }
    }
    func jobs(matching filter: JobFilter, limit: Int, offset: Int) async throws -> JobPage {
        try await slowly { try await store.jobs(matching: filter, limit: limit, offset: offset) }
    }
    func files(
        of id: JobID, in states: Set<FileState>?, limit: Int, offset: Int
    ) async throws -> [FileRecord] {
        try await slowly {
            try await store.files(of: id, in: states, limit: limit, offset: offset)
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
    func sums(of id: JobID) async throws -> [FileSum] {
        try await slowly { try await store.sums(of: id) }
    }
    func probe() async throws { try await slowly { try await store.probe() } }

    func recover() async throws -> [Job] { try await slowly { try await store.recover() } }
    func claimJob(at now: Timestamp) async throws -> Job? {
        try await slowly { try await store.claimJob(at: now) }
    }
    func expand(
        _ id: JobID, into plan: [PlannedFile], notes: [String], at now: Timestamp
    ) async throws {
        try await slowly { try await store.expand(id, into: plan, notes: notes, at: now) }
    }
    func claimFiles(of id: JobID, limit: Int, at now: Timestamp) async throws -> [FileRecord] {
        try await slowly { try await store.claimFiles(of: id, limit: limit, at: now) }
    }
    func nextDue(of id: JobID) async throws -> Timestamp? {
        try await slowly { try await store.nextDue(of: id) }
    }
    func copies(of file: DatasetFile, limit: Int) async throws -> [PublishedCopy] {
        try await slowly { try await store.copies(of: file, limit: limit) }
    }
    func record(
        _ ending: FileEnding, of id: JobID, position: Int, during span: AttemptSpan
    ) async throws {
        try await slowly {
            try await store.record(ending, of: id, position: position, during: span)
        }
    }
    func endRemainingFiles(
        of id: JobID, as state: FileState, because failure: FileFailure
    ) async throws {
        try await slowly {
            try await store.endRemainingFiles(of: id, as: state, because: failure)
        }
    }
    func tally(of id: JobID) async throws -> FileTally {
        try await slowly { try await store.tally(of: id) }
    }
    func finish(
        _ id: JobID, as state: JobState, errorMessage: String?, at now: Timestamp
    ) async throws -> Job? {
        try await slowly {
            try await store.finish(id, as: state, errorMessage: errorMessage, at: now)
        }
    }

    func act(
        _ action: JobAction, on id: JobID, by principal: Principal, at now: Timestamp
    ) async throws -> JobActionResult {
        try await slowly { try await store.act(action, on: id, by: principal, at: now) }
    }
    func selection(
        for action: JobAction, matching filter: JobFilter, limit: Int
    ) async throws -> JobSelection {
        try await slowly {
            try await store.selection(for: action, matching: filter, limit: limit)
        }
    }
    func events(of id: JobID, limit: Int, offset: Int) async throws -> EventPage {
        try await slowly { try await store.events(of: id, limit: limit, offset: offset) }
    }
    func events(limit: Int, offset: Int) async throws -> EventPage {
        try await slowly { try await store.events(limit: limit, offset: offset) }
    }
    func lastEvent(of id: JobID, _ kind: JobEvent.Kind) async throws -> JobEvent? {
        try await slowly { try await store.lastEvent(of: id, kind) }
    }
    func jobsAhead(of job: Job) async throws -> Int {
        try await slowly { try await store.jobsAhead(of: job) }
    }
    func note(
        _ kind: JobEvent.Kind, of jobs: [JobID], detail: String,
        remembering facts: [String: String],
        at now: Timestamp
    ) async throws {
        try await slowly {
            try await store.note(kind, of: jobs, detail: detail, remembering: facts, at: now)
        }
    }

    func beginVerification(
        of id: JobID, by principal: Principal, at now: Timestamp
    ) async throws -> Job? {
        try await slowly { try await store.beginVerification(of: id, by: principal, at: now) }
    }
    func sizes(of id: JobID) async throws -> [FileSizes] {
        try await slowly { try await store.sizes(of: id) }
    }
    func mark(_ suspicions: [Int: String], of id: JobID) async throws {
        try await slowly { try await store.mark(suspicions, of: id) }
    }
    func nextNotification() async throws -> JobNotification? {
        try await slowly { try await store.nextNotification() }
    }
    func record(_ outcome: DeliveryRecord, of notification: Int64) async throws {
        try await slowly { try await store.record(outcome, of: notification) }
    }
    func fact(_ name: String) async throws -> String? {
        try await slowly { try await store.fact(name) }
    }
    func remember(_ value: String?, as name: String) async throws {
        try await slowly { try await store.remember(value, as: name) }
    }
}
