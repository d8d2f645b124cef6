// A store that passes every call on, so that a test double changes how calls run by one function.

package import Datasets
package import Jobs

/// Passes every call on to another store through ``forward(_:)``.
package protocol ForwardingStore: ServiceStore {
    var store: any ServiceStore { get }

    /// Makes one call to the store.
    func forward<Value: Sendable>(
        _ call: @Sendable () async throws -> Value
    ) async throws -> Value
}

extension ForwardingStore {
    package func submit(
        _ submission: Submission, at now: Timestamp
    ) async throws -> SubmissionOutcome {
        try await forward { try await store.submit(submission, at: now) }
    }

    package func outcome(
        of key: String, fingerprint: [UInt8], by user: String, at now: Timestamp
    ) async throws -> SubmissionOutcome? {
        try await forward {
            try await store.outcome(of: key, fingerprint: fingerprint, by: user, at: now)
        }
    }

    package func job(_ id: JobID) async throws -> Job? {
        try await forward { try await store.job(id) }
    }

    package func jobs(
        matching filter: JobFilter, limit: Int, from start: JobPageStart
    ) async throws -> JobPage {
        try await forward { try await store.jobs(matching: filter, limit: limit, from: start) }
    }

    package func files(
        of id: JobID, in states: Set<FileState>?, limit: Int, offset: Int
    ) async throws -> [FileRecord] {
        try await forward {
            try await store.files(of: id, in: states, limit: limit, offset: offset)
        }
    }

    package func probe() async throws {
        try await forward { try await store.probe() }
    }

    package func recover(after end: ProcessEnd, at now: Timestamp) async throws -> Recovery {
        try await forward { try await store.recover(after: end, at: now) }
    }

    package func claimJob(for slot: ClaimSlot, at now: Timestamp) async throws -> Job? {
        try await forward { try await store.claimJob(for: slot, at: now) }
    }

    package func plannedFiles(of id: JobID) async throws -> Set<DatasetFile> {
        try await forward { try await store.plannedFiles(of: id) }
    }

    package func save(_ batch: PlanBatch, of id: JobID, at now: Timestamp) async throws -> Bool {
        try await forward { try await store.save(batch, of: id, at: now) }
    }

    package func limitSettings() async throws -> [ServiceLimit: LimitSetting] {
        try await forward { try await store.limitSettings() }
    }

    package func set(
        _ values: [ServiceLimit: Int?], by principal: Principal, detail: String, at now: Timestamp
    ) async throws -> [ServiceLimit: LimitSetting] {
        try await forward { try await store.set(values, by: principal, detail: detail, at: now) }
    }

    package func claimFiles(
        of id: JobID, limit: Int, at now: Timestamp
    ) async throws -> [FileRecord] {
        try await forward { try await store.claimFiles(of: id, limit: limit, at: now) }
    }

    package func nextDue(of id: JobID) async throws -> Timestamp? {
        try await forward { try await store.nextDue(of: id) }
    }

    package func record(
        _ result: AttemptResult, of id: JobID, position: Int, during span: AttemptSpan
    ) async throws {
        try await forward {
            try await store.record(result, of: id, position: position, during: span)
        }
    }

    package func reports(
        of id: JobID, in states: Set<FileState>?, limit: Int, offset: Int
    ) async throws -> [FileReport] {
        try await forward {
            try await store.reports(of: id, in: states, limit: limit, offset: offset)
        }
    }

    package func fileCount(of id: JobID, in states: Set<FileState>?) async throws -> Int {
        try await forward { try await store.fileCount(of: id, in: states) }
    }

    package func symbols(of id: JobID) async throws -> [String] {
        try await forward { try await store.symbols(of: id) }
    }

    package func checksums(of id: JobID) async throws -> ChecksumList {
        try await forward { try await store.checksums(of: id) }
    }

    package func copies(of file: DatasetFile, limit: Int) async throws -> [PublishedCopy] {
        try await forward { try await store.copies(of: file, limit: limit) }
    }

    package func beginVerification(
        of id: JobID, by principal: Principal, acceptsRevision: Bool, at now: Timestamp
    ) async throws -> Job? {
        try await forward {
            try await store.beginVerification(
                of: id, by: principal, acceptsRevision: acceptsRevision, at: now)
        }
    }

    package func acceptGaps(
        of id: JobID, named names: [String]?, by principal: Principal, at now: Timestamp
    ) async throws -> JobActionResult {
        try await forward {
            try await store.acceptGaps(of: id, named: names, by: principal, at: now)
        }
    }

    package func sizes(of id: JobID) async throws -> [FileSizes] {
        try await forward { try await store.sizes(of: id) }
    }

    package func setSizeWarnings(_ warnings: [Int: String], of id: JobID) async throws {
        try await forward { try await store.setSizeWarnings(warnings, of: id) }
    }

    package func endRemainingFiles(
        of id: JobID, as state: FileState, because failure: FileFailure
    ) async throws {
        try await forward { try await store.endRemainingFiles(of: id, as: state, because: failure) }
    }

    package func fileStateCounts(of id: JobID) async throws -> FileStateCounts {
        try await forward { try await store.fileStateCounts(of: id) }
    }

    package func finish(
        _ id: JobID, as state: JobState, errorMessage: String?, at now: Timestamp
    ) async throws -> Job? {
        try await forward {
            try await store.finish(id, as: state, errorMessage: errorMessage, at: now)
        }
    }

    package func nextNotification(after user: String?) async throws -> JobNotification? {
        try await forward { try await store.nextNotification(after: user) }
    }

    package func record(
        _ outcome: DeliveryRecord, of notification: Int64, through last: Int64
    ) async throws {
        try await forward { try await store.record(outcome, of: notification, through: last) }
    }

    package func value(for name: String) async throws -> String? {
        try await forward { try await store.value(for: name) }
    }

    package func set(_ value: String?, for name: String) async throws {
        try await forward { try await store.set(value, for: name) }
    }

    package func execute(
        _ action: JobAction, on id: JobID, by principal: Principal, within limits: UserQuota,
        at now: Timestamp
    ) async throws -> JobActionResult {
        try await forward {
            try await store.execute(action, on: id, by: principal, within: limits, at: now)
        }
    }

    package func selection(
        for action: JobAction, matching filter: JobFilter, limit: Int
    ) async throws -> JobSelection {
        try await forward { try await store.selection(for: action, matching: filter, limit: limit) }
    }

    package func events(of id: JobID?, limit: Int, offset: Int) async throws -> EventPage {
        try await forward { try await store.events(of: id, limit: limit, offset: offset) }
    }

    package func lastEvent(of id: JobID, _ kind: JobEvent.Kind) async throws -> JobEvent? {
        try await forward { try await store.lastEvent(of: id, kind) }
    }

    package func jobsAhead(of id: JobID, at now: Timestamp) async throws -> Int {
        try await forward { try await store.jobsAhead(of: id, at: now) }
    }

    package func note(
        _ kind: JobEvent.Kind, about subject: EventSubject, by principal: Principal,
        detail: String, setting values: [String: String?], at now: Timestamp
    ) async throws {
        try await forward {
            try await store.note(
                kind, about: subject, by: principal, detail: detail, setting: values, at: now)
        }
    }

    package func endUpstreamPause(
        by principal: Principal, detail: String, at now: Timestamp
    ) async throws {
        try await forward {
            try await store.endUpstreamPause(by: principal, detail: detail, at: now)
        }
    }

    package func whenJobsChange(_ tell: @escaping @Sendable (Set<JobID>) -> Void) {
        store.whenJobsChange(tell)
    }

    package func expiredJobs(
        endedBefore moment: Timestamp, after: ExpiredJob?, limit: Int
    ) async throws -> [ExpiredJob] {
        try await forward {
            try await store.expiredJobs(endedBefore: moment, after: after, limit: limit)
        }
    }

    package func references(
        to file: DatasetFile, besides ids: Set<JobID>
    ) async throws -> FileReferences {
        try await forward { try await store.references(to: file, besides: ids) }
    }

    package func remove(
        _ jobs: [ExpiredJob], endedBefore moment: Timestamp, rowsMax: Int, at now: Timestamp
    ) async throws -> RemovalStep {
        try await forward {
            try await store.remove(jobs, endedBefore: moment, rowsMax: rowsMax, at: now)
        }
    }

    package func trimRemovals(to count: Int) async throws -> Bool {
        try await forward { try await store.trimRemovals(to: count) }
    }

    package func maintain() async throws -> Bool {
        try await forward { try await store.maintain() }
    }
}
