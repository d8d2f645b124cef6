// A store in memory that keeps every promise of `ServiceStore` but the disk: for tests of its
// users, and a model to compare real stores with.

package import Datasets
package import Jobs
import Synchronization

/// Jobs, files, notifications and values in memory; a restart of the queue leaves them as they are.
package actor InMemoryJobStore: ServiceStore {
    /// Decides whether an operation fails: by its name, and how often it was called, from 1.
    package typealias Fault = @Sendable (_ operation: String, _ call: Int) -> Bool

    package internal(set) var jobs: [JobID: Job] = [:] {
        didSet { listener.withLock { $0 }?(Set(jobs.keys)) }
    }
    /// Called with the changed jobs.
    nonisolated let listener = Mutex<(@Sendable (Set<JobID>) -> Void)?>(nil)
    /// Jobs that retention removed, oldest first.
    package internal(set) var removals: [ExpiredJob] = []
    package internal(set) var files: [JobID: [FileRecord]] = [:]
    /// Attempts at files, by job and position.
    var attempts: [JobID: [Int: [FileAttempt]]] = [:]
    /// Jobs whose files are being verified.
    var verifying: Set<JobID> = []
    /// When such jobs had ended before, and when they were claimed.
    var formerEnds: [JobID: Timestamp] = [:]
    var verifyingSince: [JobID: Timestamp] = [:]
    /// Where files came from that are to be verified, by job and position.
    var origins: [JobID: [Int: FileOrigin]] = [:]
    /// When jobs that had run or were paused became pending.
    var queued: [JobID: Timestamp] = [:]
    /// Jobs whose `started` notification was queued since they were submitted or last ended.
    var announced: Set<JobID> = []
    package internal(set) var events: [JobEvent] = []
    package internal(set) var facts: [String: String] = [:]
    package internal(set) var limits: [ServiceLimit: LimitSetting] = [:]
    /// The detail of each change of limits.
    package internal(set) var limitDetails: [String] = []
    package internal(set) var outbox: [JobNotification] = []
    /// The outcome of each notification that left the outbox, oldest first.
    package internal(set) var deliveries:
        [(notification: JobNotification, record: DeliveryRecord)] = []
    /// The jobs of all `crashed` events, oldest first.
    package internal(set) var crashEvents: [JobID] = []
    /// Calls by operation, failed ones included.
    package internal(set) var calls: [String: Int] = [:]
    /// State changes that the protocol does not allow; tests expect none.
    package internal(set) var violations: [String] = []
    /// The most files that one claim returned.
    package internal(set) var claimMax = 0
    /// The first open file of each job: where a claim begins to search.
    var firstOpen: [JobID: Int] = [:]
    /// Where files were ever published: jobs, and positions in them.
    var everPublished: [DatasetFile: [JobID: Int]] = [:]
    var fault: Fault?
    /// Whether failures say that the database was moved.
    var isMoved = false
    var lastJob: Int64 = 0
    /// Submissions under users' keys.
    var keys: [UserKey: KeptKey] = [:]
    /// Files of the jobs that were accepted, by user and day.
    var filesOfDay: [UserDay: Int] = [:]
    var lastNotification: Int64 = 0

    package init(fault: Fault? = nil) { self.fault = fault }

    /// Makes operations fail from now on; `nil` makes all work again.
    package func setFault(_ fault: Fault?) { self.fault = fault }

    /// Makes failures say from now on that the database was moved.
    package func failMoved() { isMoved = true }

    /// A store that has what is on the disk at this moment: what a crash now would leave.
    package func copy() async -> InMemoryJobStore {
        let copy = InMemoryJobStore()
        await copy.update {
            [
                jobs, files, facts, outbox, keys, filesOfDay, verifying, announced, events,
                everPublished, lastJob, lastNotification
            ] copy in
            (copy.jobs, copy.files, copy.facts, copy.outbox) = (jobs, files, facts, outbox)
            (copy.keys, copy.filesOfDay) = (keys, filesOfDay)
            (copy.verifying, copy.announced, copy.events) = (verifying, announced, events)
            copy.everPublished = everPublished
            (copy.lastJob, copy.lastNotification) = (lastJob, lastNotification)
        }
        return copy
    }

    private func update(_ body: @Sendable (isolated InMemoryJobStore) -> Void) { body(self) }

    /// Puts a job of any state and text into the store, as the predecessor may have left it.
    package func adopt(_ job: Job) {
        lastJob = max(lastJob, job.id.rawValue)
        jobs[job.id] = job
    }

    package func job(_ id: JobID) throws -> Job? {
        try begin("job")
        return jobs[id]?.asShown
    }

    package func symbols(of id: JobID) throws -> [String] {
        try begin("symbols")
        return jobs[id]?.symbols ?? []
    }

    package func files(
        of id: JobID, in states: Set<FileState>?, limit: Int, offset: Int
    ) throws -> [FileRecord] {
        try begin("files")
        let matches = files[id, default: []].filter { states?.contains($0.state) ?? true }
        return Array(InMemoryJobStore.byName(matches).dropFirst(offset).prefix(limit))
    }

    package func probe() throws { try begin("probe") }

    package func value(for name: String) throws -> String? {
        try begin("fact")
        return facts[name]
    }

    package func set(_ value: String?, for name: String) throws {
        try begin("remember")
        facts[name] = value
    }

    // MARK: Shared by the ports

    /// Changes the control of a job.
    package func change(_ id: JobID, _ body: @Sendable (inout JobControl) -> Void) {
        guard var job = jobs[id] else { return }
        body(&job.control)
        jobs[id] = job
    }

    func begin(_ operation: String) throws {
        calls[operation, default: 0] += 1
        if let fault, fault(operation, calls[operation, default: 0]) {
            let words = "scripted: \(operation)"
            throw isMoved ? JobError.databaseMoved(words) : JobError.storeFailed(words)
        }
    }

    func changeFiles(of id: JobID, _ body: (inout FileRecord) -> Void) {
        guard let indices = files[id]?.indices else { return }
        for index in indices { body(&files[id]![index]) }
    }

    func count(_ id: JobID) {
        guard let former = jobs[id]?.progress else { return }
        var progress = JobProgress(
            filesTotal: former.filesTotal, isPlanned: former.isPlanned)
        for record in files[id, default: []] where record.state.isFinal {
            add(record, to: &progress)
        }
        jobs[id]?.progress = progress
    }

    func add(_ record: FileRecord, to progress: inout JobProgress) {
        progress.bytesDone += record.checksum?.bytes ?? 0
        progress.filesDone += record.state.isGood ? 1 : 0
        progress.filesEmpty += record.state == .empty ? 1 : 0
        progress.filesUnavailable += record.state == .unavailable ? 1 : 0
        progress.gapsAccepted += record.failure?.code == Gaps.acceptedCode ? 1 : 0
        progress.filesFailed += record.state == .failed ? 1 : 0
        progress.filesCancelled += record.state == .cancelled ? 1 : 0
    }

    static func byName(_ records: [FileRecord]) -> [FileRecord] {
        records.map { ($0, $0.file.name) }
            .sorted { $0.1.utf8.lexicographicallyPrecedes($1.1.utf8) }.map(\.0)
    }

    func add(
        _ kind: JobEvent.Kind, to id: JobID?, by principal: Principal, at now: Timestamp,
        _ detail: String? = nil
    ) {
        events.append(
            JobEvent(
                id: Int64(events.count + 1), job: id, kind: kind, at: now, by: principal,
                detail: detail))
    }

    func notify(_ kind: JobNotification.Kind, _ job: Job, at now: Timestamp) {
        lastNotification += 1
        outbox.append(JobNotification(id: lastNotification, kind: kind, job: job, at: now))
    }

    /// Queues this many notifications of cancelled jobs of one user.
    package func flood(_ count: Int, of user: String, at now: Timestamp) throws {
        for number in 0..<count {
            let job = Job(
                id: JobID(Int64(number + 1)), state: .cancelled, exchange: "binance",
                dataTypes: ["trades"], symbols: ["BTCUSDT"], startDate: "2024-01-01",
                endDate: "2024-01-01", outputPath: "./datasets", createdAt: now,
                completedAt: now, createdBy: user)
            notify(.cancelled, job, at: now)
        }
    }
}
