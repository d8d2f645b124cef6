// A store that fails with an error nobody foresaw.

import Datasets
import Jobs

/// Throws the unexpected, always.
struct OddStore: JobStoring {
    struct Odd: Error {}

    func submit(
        _ submission: Submission, at now: Timestamp
    ) async throws -> SubmissionOutcome { throw Odd() }
    func outcome(
        of key: String, fingerprint: [UInt8], by user: String, at now: Timestamp
    ) async throws -> SubmissionOutcome? { throw Odd() }
    func job(_ id: JobID) async throws -> Job? { throw Odd() }
    func jobs(
        matching filter: JobFilter, limit: Int, offset: Int
    ) async throws -> JobPage { throw Odd() }
    func files(
        of id: JobID, in states: Set<FileState>?, limit: Int, offset: Int
    ) async throws -> [FileRecord] { throw Odd() }
    func probe() async throws { throw Odd() }
    func recover(
        after end: ProcessEnd, at now: Timestamp
    ) async throws -> Recovery { throw Odd() }
    func claimJob(for room: ClaimSlot, at now: Timestamp) async throws -> Job? { throw Odd() }
    func plannedFiles(of id: JobID) async throws -> Set<DatasetFile> { throw Odd() }
    func keep(
        _ piece: PlanBatch, of id: JobID, at now: Timestamp
    ) async throws -> Bool { throw Odd() }
    func limitSettings() async throws -> [ServiceLimit: LimitSetting] { throw Odd() }
    func set(
        _ values: [ServiceLimit: Int?], by principal: Principal, detail: String, at now: Timestamp
    ) async throws -> [ServiceLimit: LimitSetting] { throw Odd() }
    func claimFiles(
        of id: JobID, limit: Int, at now: Timestamp
    ) async throws -> [FileRecord] { throw Odd() }
    func nextDue(of id: JobID) async throws -> Timestamp? { throw Odd() }
    func reports(
        of id: JobID, in states: Set<FileState>?, limit: Int, offset: Int
    ) async throws -> [FileReport] { throw Odd() }
    func fileCount(of id: JobID, in states: Set<FileState>?) async throws -> Int { throw Odd() }
    func checksums(of id: JobID) async throws -> ChecksumList { throw Odd() }
    func symbols(of id: JobID) async throws -> [String] { throw Odd() }
    func copies(of file: DatasetFile, limit: Int) async throws -> [PublishedCopy] { throw Odd() }
    func beginVerification(
        of id: JobID, by principal: Principal, acceptsRevision: Bool, at now: Timestamp
    ) async throws -> Job? { throw Odd() }
    func acceptGaps(
        of id: JobID, named names: [String]?, by principal: Principal, at now: Timestamp
    ) async throws -> JobActionResult { throw Odd() }
    func act(
        _ action: JobAction, on id: JobID, by principal: Principal, within limits: UserQuota,
        at now: Timestamp
    ) async throws -> JobActionResult { throw Odd() }
    func selection(
        for action: JobAction, matching filter: JobFilter, limit: Int
    ) async throws -> JobSelection { throw Odd() }
    func events(of id: JobID, limit: Int, offset: Int) async throws -> EventPage { throw Odd() }
    func events(limit: Int, offset: Int) async throws -> EventPage { throw Odd() }
    func lastEvent(of id: JobID, _ kind: JobEvent.Kind) async throws -> JobEvent? { throw Odd() }
    func jobsAhead(of job: Job) async throws -> Int { throw Odd() }
    func note(
        _ kind: JobEvent.Kind, of jobs: [JobID], detail: String,
        remembering facts: [String: String],
        at now: Timestamp
    ) async throws { throw Odd() }
    func note(
        _ kind: JobEvent.Kind, by principal: Principal, detail: String,
        remembering facts: [String: String?], at now: Timestamp
    ) async throws { throw Odd() }
    func endUpstreamPause(
        by principal: Principal, detail: String, at now: Timestamp
    ) async throws { throw Odd() }
    func sizes(of id: JobID) async throws -> [FileSizes] { throw Odd() }
    func mark(_ suspicions: [Int: String], of id: JobID) async throws { throw Odd() }
    func record(
        _ ending: AttemptResult, of id: JobID, position: Int, during span: AttemptSpan
    ) async throws { throw Odd() }
    func endRemainingFiles(
        of id: JobID, as state: FileState, because failure: FileFailure
    ) async throws { throw Odd() }
    func tally(of id: JobID) async throws -> FileStateCounts { throw Odd() }
    func finish(
        _ id: JobID, as state: JobState, errorMessage: String?, at now: Timestamp
    ) async throws -> Job? { throw Odd() }
    func nextNotification(after user: String?) async throws -> JobNotification? { throw Odd() }
    func record(
        _ outcome: DeliveryRecord, of notification: Int64, through last: Int64
    ) async throws { throw Odd() }
    func fact(_ name: String) async throws -> String? { throw Odd() }
    func remember(_ value: String?, as name: String) async throws { throw Odd() }
    func jobs(
        matching filter: JobFilter, limit: Int, before: JobID?
    ) async throws -> JobPage { throw Odd() }
}

extension OddStore {
    func expiredJobs(
        endedBefore moment: Timestamp, after: ExpiredJob?, limit: Int
    ) async throws -> [ExpiredJob] { throw Odd() }
    func users(of file: DatasetFile, besides id: JobID) async throws -> FileReferences {
        throw Odd()
    }
    func remove(
        _ jobs: [ExpiredJob], endedBefore moment: Timestamp, rowsMax: Int, at now: Timestamp
    ) async throws -> RemovalStep { throw Odd() }
    func trimRemovals(to count: Int) async throws -> Bool { throw Odd() }
    func shrink() async throws -> Bool { throw Odd() }
}
