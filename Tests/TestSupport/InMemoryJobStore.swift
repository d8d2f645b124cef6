// A store in memory that keeps every promise of `ServiceStore` but the disk: for tests of everything
// that uses one, and a model to compare real stores with.

package import Datasets
package import Jobs
import Synchronization

/// Jobs, files, notifications and facts in memory; a restart of the queue leaves them as they are.
package actor InMemoryJobStore: ServiceStore {
    /// Decides whether an operation fails: by its name, and how often it was called, from 1.
    package typealias Fault = @Sendable (_ operation: String, _ call: Int) -> Bool

    package internal(set) var jobs: [JobID: Job] = [:] {
        didSet { listener.withLock { $0 }?(Set(jobs.keys)) }
    }
    /// Who hears of changed jobs.
    nonisolated let listener = Mutex<(@Sendable (Set<JobID>) -> Void)?>(nil)
    /// Jobs that went by retention, oldest first.
    package internal(set) var removals: [ExpiredJob] = []
    package internal(set) var files: [JobID: [FileRecord]] = [:]
    /// Attempts at files, by job and position.
    var attempts: [JobID: [Int: [FileAttempt]]] = [:]
    /// Jobs whose files are being proven again.
    var verifying: Set<JobID> = []
    /// When such jobs had ended before, and when they were claimed.
    var formerEnds: [JobID: Timestamp] = [:]
    var verifyingSince: [JobID: Timestamp] = [:]
    /// Where files came from that are to be verified, by job and position.
    var origins: [JobID: [Int: FileOrigin]] = [:]
    /// When jobs that had run or were paused became pending.
    var queued: [JobID: Timestamp] = [:]
    /// Jobs whose start was told since they were submitted or last ended.
    var announced: Set<JobID> = []
    package internal(set) var events: [JobEvent] = []
    package internal(set) var facts: [String: String] = [:]
    package internal(set) var limits: [ServiceLimit: LimitSetting] = [:]
    /// What the history says of each change of limits.
    package internal(set) var limitDetails: [String] = []
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
    /// Where files were ever published: jobs, and positions in them.
    var everPublished: [DatasetFile: [JobID: Int]] = [:]
    var fault: Fault?
    /// Whether failures say that the database was moved.
    var isMoved = false

    package func failMoved() { isMoved = true }
    var lastJob: Int64 = 0
    /// Answers under users' keys.
    var keys: [UserKey: KeptKey] = [:]
    /// Files of the jobs that were accepted, by user and day.
    var filesOfDay: [UserDay: Int] = [:]
    var lastNotification: Int64 = 0
    private let sampleFailuresMax = 5

    package init(fault: Fault? = nil) { self.fault = fault }

    /// Makes operations fail from now on; `nil` makes all work again.
    package func setFault(_ fault: Fault?) { self.fault = fault }

    /// A store that has what is on the disk at this moment: what a crash now would leave.
    package func copy() async -> InMemoryJobStore {
        let copy = InMemoryJobStore()
        await copy.take((jobs, files, facts, outbox), lastJob, lastNotification)
        await copy.takeSubmissions(keys, filesOfDay)
        await copy.take((verifying, announced, events))
        return copy
    }

    private func take(_ marks: (Set<JobID>, Set<JobID>, [JobEvent])) {
        (verifying, announced, events) = marks
    }

    private func take(
        _ tables: ([JobID: Job], [JobID: [FileRecord]], [String: String], [JobNotification]),
        _ lastJob: Int64, _ lastNotification: Int64
    ) {
        (jobs, files, facts, outbox) = tables
        everPublished = [:]
        for record in files.values.joined() where record.proof != nil {
            everPublished[record.file, default: [:]][record.job] = record.position
        }
        (self.lastJob, self.lastNotification) = (lastJob, lastNotification)
    }

    /// Puts a job of any state and text into the store, as the predecessor may have left it.
    package func adopt(_ job: Job) {
        lastJob = max(lastJob, job.id.rawValue)
        jobs[job.id] = job
    }

    // MARK: Looking

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

    // MARK: Running

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
        var earliest: Timestamp?
        for index in openIndices(of: id) {
            let record = files[id]![index]
            guard record.state == .pending else { continue }
            guard let moment = record.notBefore else { return Timestamp(microseconds: 0) }
            earliest = min(earliest ?? moment, moment)
        }
        return earliest
    }

    package func endRemainingFiles(
        of id: JobID, as state: FileState, because failure: FileFailure
    ) throws {
        try begin("endRemainingFiles")
        guard jobs[id]?.state == .running,
            files[id, default: []].contains(where: { !$0.state.isFinal })
        else { return }
        changeFiles(of: id) { record in
            guard !record.state.isFinal else { return }
            record.state = state
            record.failure = failure
            record.notBefore = nil
        }
        jobs[id]?.control.crashes = 0
        count(id)
    }

    package func fileStateCounts(of id: JobID) throws -> FileStateCounts {
        try begin("tally")
        let records = files[id, default: []]
        let counts = records.reduce(into: [FileState: Int]()) { $0[$1.state, default: 0] += 1 }
        let failures = records.filter { $0.state == .failed }
        return FileStateCounts(counts: counts, failures: Array(failures.prefix(sampleFailuresMax)))
    }

    package func finish(
        _ id: JobID, as state: JobState, errorMessage: String?, at now: Timestamp
    ) throws -> Job? {
        try begin("finish")
        guard var job = jobs[id] else { throw JobError.notFound(id) }
        if job.state.isFinal || job.control.isPaused { return nil }
        if !job.state.mayBecome(state) {
            violations.append("job \(id): from \(job.state) to \(state)")
            return nil
        }
        let isWhole =
            job.progress.isPlanned && job.progress.filesDone == job.progress.filesTotal
        if state == .completed, !isWhole {
            violations.append("job \(id): completed with open or failed files")
            throw JobError.storeFailed("job \(id) is not complete")
        }
        job.state = state
        job.completedAt = now
        job.errorMessage = errorMessage
        if verifying.remove(id) != nil {
            job.completedAt = formerEnds[id] ?? now
            endVerification(of: &job, at: now)
        }
        job.integrity.acceptsRevision = false
        announced.remove(id)
        setOutcome(of: &job, by: .service, at: now)
        jobs[id] = job
        if let kind = JobNotification.Kind(rawValue: state.rawValue) { notify(kind, job, at: now) }
        if let kind = JobEvent.Kind(rawValue: state.rawValue) {
            add(kind, to: id, by: .service, at: now, errorMessage)
        }
        return job
    }

    // MARK: Notifications

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

    // MARK: Facts

    package func value(for name: String) throws -> String? {
        try begin("fact")
        return facts[name]
    }

    package func set(_ value: String?, for name: String) throws {
        try begin("remember")
        facts[name] = value
    }
}

extension JobNotification {
    /// Whether both may be told in one message.
    fileprivate func isAlike(_ other: JobNotification) -> Bool {
        kind == other.kind && job.createdBy == other.job.createdBy
            && isAboutVerification == other.isAboutVerification
    }
}
