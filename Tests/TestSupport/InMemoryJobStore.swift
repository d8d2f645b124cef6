// A store in memory that keeps every promise of `JobStoring` but the disk: for tests of everything
// that uses one, and a model to compare real stores with.

package import Datasets
package import Jobs

/// Jobs, files, notifications and facts in memory; a restart of the queue leaves them as they are.
package actor InMemoryJobStore: JobStoring {
    /// Decides whether an operation fails: by its name, and how often it was called, from 1.
    package typealias Fault = @Sendable (_ operation: String, _ call: Int) -> Bool

    package internal(set) var jobs: [JobID: Job] = [:]
    package internal(set) var files: [JobID: [FileRecord]] = [:]
    /// Attempts at files, by job and position.
    var attempts: [JobID: [Int: [FileAttempt]]] = [:]
    /// Jobs whose files are being proven again.
    var verifying: Set<JobID> = []
    package internal(set) var facts: [String: String] = [:]
    package internal(set) var outbox: [JobNotification] = []
    /// What became of each notification that left the outbox, oldest first.
    package internal(set) var deliveries:
        [(notification: JobNotification, record: DeliveryRecord)] =
            []
    /// The jobs of all `crashed` events, oldest first.
    package internal(set) var crashEvents: [JobID] = []
    /// Calls by operation, failed ones included.
    package internal(set) var calls: [String: Int] = [:]
    /// State changes that the protocol does not allow; tests expect none.
    package internal(set) var violations: [String] = []
    /// The most files that one claim returned.
    package internal(set) var claimMax = 0

    /// The first file of each job that has not ended: where searching begins.
    var firstOpen: [JobID: Int] = [:]
    var fault: Fault?
    private var lastJob: Int64 = 0
    var lastNotification: Int64 = 0
    private let sampleFailuresMax = 5

    package init(fault: Fault? = nil) { self.fault = fault }

    /// Makes operations fail from now on; `nil` makes all work again.
    package func setFault(_ fault: Fault?) { self.fault = fault }

    /// A store that has what is on the disk at this moment: what a crash now would leave.
    package func copy() async -> InMemoryJobStore {
        let copy = InMemoryJobStore()
        await copy.take((jobs, files, facts, outbox), lastJob, lastNotification)
        return copy
    }

    private func take(
        _ tables: ([JobID: Job], [JobID: [FileRecord]], [String: String], [JobNotification]),
        _ lastJob: Int64, _ lastNotification: Int64
    ) {
        (jobs, files, facts, outbox) = tables
        (self.lastJob, self.lastNotification) = (lastJob, lastNotification)
    }

    /// Puts a job of any state and text into the store, as the predecessor may have left it.
    package func adopt(_ job: Job) {
        lastJob = max(lastJob, job.id.rawValue)
        jobs[job.id] = job
    }

    // MARK: Submitting and looking

    package func insert(_ request: DownloadRequest, at now: Timestamp) throws -> Job {
        try begin("insert")
        lastJob += 1
        let job = Job(
            id: JobID(lastJob), state: .pending, exchange: request.exchange,
            dataTypes: request.dataTypes.map(\.name), symbols: request.symbols,
            startDate: request.days.lowerBound.description,
            endDate: request.days.upperBound.description, outputPath: request.outputPath,
            createdAt: now, createdBy: request.createdBy, notes: request.notes,
            progress: JobProgress(filesTotal: request.fileCount))
        jobs[job.id] = job
        return job
    }

    package func job(_ id: JobID) throws -> Job? {
        try begin("job")
        return jobs[id]
    }

    package func jobs(matching filter: JobFilter, limit: Int, offset: Int) throws -> JobPage {
        try begin("jobs")
        let matches = jobs.values.sorted { $0.id > $1.id }.filter { job in
            (filter.state ?? job.state) == job.state
                && (filter.user ?? job.createdBy) == job.createdBy
                && (filter.exchange ?? job.exchange) == job.exchange
        }
        return JobPage(
            jobs: Array(matches.dropFirst(offset).prefix(limit)), total: matches.count)
    }

    package func files(
        of id: JobID, in states: Set<FileState>?, limit: Int, offset: Int
    ) throws -> [FileRecord] {
        try begin("files")
        let matches = files[id, default: []].lazy.filter { states?.contains($0.state) ?? true }
        return Array(matches.dropFirst(offset).prefix(limit))
    }

    package func probe() throws { try begin("probe") }

    // MARK: Running

    package func claimJob(at now: Timestamp) throws -> Job? {
        try begin("claimJob")
        let pending = jobs.values.filter { $0.state == .pending }
        guard var job = pending.min(by: { $0.id < $1.id }) else { return nil }
        job.state = .running
        job.control.crashes = 0
        job.startedAt = job.startedAt ?? now
        jobs[job.id] = job
        if !verifying.contains(job.id) { notify(.started, job) }
        return job
    }

    package func expand(_ id: JobID, into plan: [PlannedFile], notes: [String]) throws {
        try begin("expand")
        guard let job = jobs[id] else { throw JobError.notFound(id) }
        guard job.state == .running, files[id] == nil else { return }
        files[id] = plan.enumerated().map { position, planned in
            FileRecord(
                job: id, position: position, file: planned.file, state: planned.state,
                failure: planned.failure)
        }
        jobs[id]?.notes = job.notes + notes.filter { !job.notes.contains($0) }
        count(id)
    }

    package func claimFiles(of id: JobID, limit: Int, at now: Timestamp) throws -> [FileRecord] {
        try begin("claimFiles")
        guard jobs[id]?.state == .running else { return [] }
        var claimed: [FileRecord] = []
        for index in openIndices(of: id) {
            guard claimed.count < limit else { break }
            let record = files[id]![index]
            guard record.state == .pending, (record.notBefore ?? now) <= now else { continue }
            files[id]![index].state = .running
            claimed.append(files[id]![index])
        }
        claimMax = max(claimMax, claimed.count)
        return claimed
    }

    package func nextDue(of id: JobID) throws -> Timestamp? {
        try begin("nextDue")
        let pending = openIndices(of: id).lazy.map { self.files[id]![$0] }
            .filter { $0.state == .pending }
        return pending.map { $0.notBefore ?? Timestamp(microseconds: 0) }.min()
    }

    package func endRemainingFiles(
        of id: JobID, as state: FileState, because failure: FileFailure
    ) throws {
        try begin("endRemainingFiles")
        guard files[id, default: []].contains(where: { !$0.state.isFinal }) else { return }
        changeFiles(of: id) { record in
            guard !record.state.isFinal else { return }
            record.state = state
            record.failure = failure
            record.notBefore = nil
        }
        jobs[id]?.control.crashes = 0
        count(id)
    }

    package func tally(of id: JobID) throws -> FileTally {
        try begin("tally")
        let records = files[id, default: []]
        let counts = records.reduce(into: [FileState: Int]()) { $0[$1.state, default: 0] += 1 }
        let failures = records.filter { $0.state == .failed }
        return FileTally(counts: counts, failures: Array(failures.prefix(sampleFailuresMax)))
    }

    package func finish(
        _ id: JobID, as state: JobState, errorMessage: String?, at now: Timestamp
    ) throws -> Job? {
        try begin("finish")
        guard var job = jobs[id] else { throw JobError.notFound(id) }
        if job.state.isFinal { return nil }
        if !job.state.mayBecome(state) {
            violations.append("job \(id): from \(job.state) to \(state)")
            return nil
        }
        if state == .completed, job.progress.filesDone != job.progress.filesTotal {
            violations.append("job \(id): completed with open or failed files")
            throw JobError.storeFailed("job \(id) is not complete")
        }
        job.state = state
        job.completedAt = now
        job.errorMessage = errorMessage
        if verifying.remove(id) != nil { job.evidence.verifiedAt = now }
        jobs[id] = job
        if let kind = JobNotification.Kind(rawValue: state.rawValue) { notify(kind, job) }
        return job
    }

    // MARK: Notifications

    package func nextNotification() throws -> JobNotification? {
        try begin("nextNotification")
        return outbox.first
    }

    package func record(_ outcome: DeliveryRecord, of notification: Int64) throws {
        try begin("recordDelivery")
        guard let index = outbox.firstIndex(where: { $0.id == notification }) else {
            violations.append("notification \(notification): \(outcome) without being there")
            return
        }
        switch outcome {
        case .delivered, .refused:
            deliveries.append((outbox.remove(at: index), outcome))
        case .retry(let moment, _):
            outbox[index].attempts += 1
            outbox[index].notBefore = moment
        }
    }

    // MARK: Facts

    package func fact(_ name: String) throws -> String? {
        try begin("fact")
        return facts[name]
    }

    package func remember(_ value: String?, as name: String) throws {
        try begin("remember")
        facts[name] = value
    }
}
