// The queue's face and its engine: does what the dispatcher decides, and tells it what came of it.
// It must not decide anything itself, and owns no technology.

import Concurrency
package import Datasets
package import Jobs
package import Logging
import Synchronization

/// Runs jobs in the background until it is told to stop.
///
/// The dispatcher is confined to this actor. Everything else runs in child tasks of ``run()``.
package actor JobQueue {
    let store: RetryingStore<any QueueStore>
    let planner: Planner
    let worker: Worker
    let park: UpstreamPauseMemory
    let record: CleanShutdownMarker
    let crashLimit: PoisonJobPolicy
    let outbox: NotificationOutbox
    /// For moments that people read.
    let wallClock: any Timekeeping
    /// For everything that is waited for.
    let clock: SteadyClock
    let logger: Logger
    private let limits: RuntimeLimits
    var dispatcher: Scheduler
    /// Where files go; `nil` where nobody looks.
    let room: (any FreeSpaceProviding)?
    var diskGuard: DiskGuard
    /// Why no file can be written at this moment.
    var storageProblem: StorageProblem?
    /// The marker of the data root that the last files were written to, once that is known.
    var knownMarker: String?
    var isUnmarkable = false
    /// Since when downloads pause because of the data root, and because of the upstream.
    var heldSince: Timestamp?
    var pausedSince: Timestamp?
    var lastLook: Timestamp?
    /// Given while downloads pause for lack of room, and then replaced.
    var holding = ShutdownSignal()
    /// Folders in which a file is looked for before it is fetched.
    private static let copiesMax = 3
    private var hasStarted = false
    var hasRecovered = false
    /// Of each job that has a lane.
    var reins: [JobID: JobRun] = [:]
    /// Releases that wait for ``run()``: their callers may give up waiting, they must not.
    var releases: [StopRequest] = []
    /// Jobs released while they had no lane, but perhaps were about to get one.
    var pendingStops: Set<JobID> = []
    /// Why the upstream rests, where it does and that is known.
    var restReason: String?

    /// Rung when the dispatcher may have something new to do.
    nonisolated let bell = AsyncSignal()
    nonisolated let jobsMayWait = Atomic(false)
    nonisolated let appetite = Mutex(ClaimFilter.all)
    /// Files that the upstream has begun to send, and the dispatcher does not know of yet.
    nonisolated let admissions = Mutex<[(job: JobID, day: Day)]>([])
    nonisolated let stopping = ShutdownSignal()
    private nonisolated let quiet = ShutdownSignal()

    /// - Parameters:
    ///   - outbox: woken when a job starts or ends; the composition root runs it.
    ///   - limits: obeyed as they are at every moment. Jobs that a restart found running all go on.
    ///   - room: looked at for ``JobQueueSettings/diskReserveBytes``; `nil` where nobody looks.
    ///   - jitter: from 0 to 1, at random: the part of the jitter that is added to a wait.
    package init(
        store: any QueueStore, downloader: any Downloading, catalogue: any CatalogueProviding,
        outbox: NotificationOutbox, limits: RuntimeLimits = RuntimeLimits(),
        room: (any FreeSpaceProviding)? = nil,
        clock: any Timekeeping, settings: JobQueueSettings, logger: Logger,
        jitter: @escaping @Sendable () -> Double = { Double.random(in: 0...1) }
    ) {
        let steady = SteadyClock(clock)
        let patient = RetryingStore<any QueueStore>(
            store: store, clock: clock, stopping: stopping, logger: logger)
        self.store = patient
        self.planner = Planner(
            store: patient, catalogue: catalogue, retry: settings.retry,
            filesMax: settings.filesPerJobMax)
        self.worker = Worker(
            downloader: downloader, retry: settings.retry, clock: steady,
            grace: settings.shutdownGrace, jitter: jitter)
        self.park = UpstreamPauseMemory(store: patient)
        self.record = CleanShutdownMarker(store: patient)
        self.crashLimit = PoisonJobPolicy(crashesMax: settings.crashesMax)
        self.outbox = outbox
        self.wallClock = clock
        self.clock = steady
        self.logger = logger
        self.room = room
        self.diskGuard = DiskGuard(reserveBytes: settings.diskReserveBytes)
        self.limits = limits
        self.dispatcher = Scheduler(bounds: ConcurrencyLimits(limits.current))
        limits.observe { [bell] in bell.signal() }
    }

    /// Takes up what the last process left, then runs jobs until ``stop()`` is called or the task
    /// is cancelled, and returns when nothing is under way any more. To be called once.
    package func run() async {
        precondition(!hasStarted, "a queue runs once")
        hasStarted = true
        await withTaskCancellationHandler {
            await recover()
            await withDiscardingTaskGroup { group in
                if room != nil { group.addTask { await self.watchRoom() } }
                while !stopping.isFired {
                    if jobsMayWait.exchange(false, ordering: .relaxed) {
                        dispatcher.jobsMayWait()
                    }
                    for (job, day) in takeAdmissions() { dispatcher.admitted(job, day: day) }
                    for release in takeReleases() {
                        group.addTask { await self.perform(release) }
                    }
                    dispatcher.change(to: ConcurrencyLimits(limits.current))
                    let actions = dispatcher.actions(at: clock.now)
                    // Before the store is looked at: who comes later than that look finds this.
                    let appetite = dispatcher.appetite
                    self.appetite.withLock { $0 = appetite }
                    for action in actions {
                        group.addTask { await self.perform(action) }
                    }
                    await bell.wait(until: dispatcher.nextMoment, on: clock)
                }
                await record.stop(at: wallClock.now)
            }
        } onCancel: {
            beginToStop()
        }
        endRun()
        quiet.fire()
    }

    /// Claims nothing more, lets transfers go on for ``JobQueueSettings/shutdownGrace``, then
    /// cancels them and puts their files back as if never claimed; returns when nothing is under
    /// way any more.
    package func stop() async {
        beginToStop()
        if hasStarted { await quiet.wait() }
    }

    private nonisolated func beginToStop() {
        stopping.fire()
        bell.signal()
    }

    // MARK: Doing

    private func perform(_ action: Scheduler.Action) async {
        switch action {
        case .claimJob(let room): await claimJob(for: room)
        case .plan(let job): await plan(job)
        case .claimFiles(let job, let limit): await fetchFiles(of: job, limit: limit)
        case .end(let job, let failure):
            let lane = lane(of: job.id)
            await end(job, because: failure, in: lane)
            endRun(of: job.id)
        case .unpark:
            logger.notice("the upstream is asked again")
            await park.forget()
        }
        bell.signal()
    }

    /// Claims files and works on all of them, each in a task of its own.
    private func fetchFiles(of job: Job, limit: Int) async {
        let lane = lane(of: job.id)
        defer { endRun(of: job.id) }
        guard await hasFreeSpace(), !lane.stop.isFired else {
            dispatcher.claimed(job.id, count: 0, nextDue: clock.now)
            return
        }
        await recordDataRoot()
        await record.isolate(job)
        let now = clock.now
        let records =
            await store.retrying("claim files") { store in
                try await store.claimFiles(of: job.id, limit: limit, at: now)
            } ?? []
        var due: Timestamp? = now
        if records.count < limit {
            let next = await store.retrying("look for due files") { store in
                try await store.nextDue(of: job.id)
            }
            due = next.flatMap { $0 }
        }
        let isFirst = dispatcher.claimed(job.id, count: records.count, nextDue: due)
        bell.signal()
        await withDiscardingTaskGroup { group in
            for (index, record) in records.enumerated() {
                group.addTask {
                    await self.fetch(record, of: job, in: lane, isExpedited: isFirst && index == 0)
                }
            }
        }
    }

    /// Of a job that was released meanwhile, the store no longer has the file as running, and
    /// records nothing.
    private func fetch(
        _ record: FileRecord, of job: Job, in lane: JobRun, isExpedited: Bool
    ) async {
        // Where the store refuses, the file is fetched: nothing is lost but time.
        let copies = try? await store.store.copies(of: record.file, limit: JobQueue.copiesMax)
        let hints = DownloadContext(
            expectedSHA256: record.expectedSHA256,
            acceptsRevision: job.integrity.acceptsRevision, copies: copies ?? [],
            refusal: dispatcher.lane(of: job.id)?.refusal, isExpedited: isExpedited,
            formerFailure: record.failure)
        // The date is the wall clock's, the time that it took is not: somebody may set that clock.
        let (date, began) = (wallClock.now, clock.now)
        let (id, day) = (job.id, record.file.day)
        let isNews = dispatcher.lane(of: id)?.isKeyVerified == false
        var attempt = await worker.attempt(
            record, to: job.outputPath, hints: hints, until: stopping, [holding, lane.stop],
            admitted: { if isNews { self.admitted(id, day: day) } })
        let span = AttemptSpan(from: date, to: date + (clock.now - began))
        if let park = attempt.park { await rest(park) }
        if let lack = attempt.lack { await wait(for: lack, of: id) }
        await noteAnswer(attempt.ending)
        _ = await store.retrying("record a file") { store in
            try await store.record(
                attempt.ending, of: job.id, position: record.position, during: span)
        }
        if record.expectedSHA256 != nil, let stop = attempt.stop.take() {
            dispatcher.refused(job.id, because: stop)
        }
        dispatcher.ended(
            job.id, day: day, ending: attempt.ending, stop: attempt.stop,
            at: clock.now)
        endRun(of: job.id)
        bell.signal()
    }

    /// Ends a job none of whose files is in flight, or whose files are not worth asking for.
    private func end(_ job: Job, because failure: FileFailure?, in lane: JobRun) async {
        if lane.stop.isFired { return dispatcher.close(job.id) }
        if let failure {
            _ = await store.retrying("end a job's files") { store in
                try await store.endRemainingFiles(of: job.id, as: .failed, because: failure)
            }
        }
        let tally = await store.retrying("count a job's files") { store in
            try await store.fileStateCounts(of: job.id)
        }
        guard let tally, !lane.stop.isFired else { return dispatcher.close(job.id) }
        if tally.open > 0 {
            let due = await store.retrying("look for due files") { store in
                try await store.nextDue(of: job.id)
            }
            return dispatcher.reopen(job.id, due: due.flatMap { $0 } ?? clock.now)
        }
        if tally.counts[.ok] != nil { await markOddSizes(of: job) }
        let ending = JobResult(tally)
        await finish(job, as: ending.state, errorMessage: ending.errorMessage, in: lane)
    }

    private func markOddSizes(of job: Job) async {
        _ = await store.retrying("compare a job's sizes") { store in
            let found = try await store.sizes(of: job.id).map(\.sizeWarnings)
            let suspicions = found.reduce(into: [:]) { all, more in
                all.merge(more) { first, _ in first }
            }
            if suspicions.isEmpty, job.integrity.filesSuspicious == 0 { return }
            try await store.setSizeWarnings(suspicions, of: job.id)
        }
    }

    func finish(
        _ job: Job, as state: JobState, errorMessage: String?, in lane: JobRun
    ) async {
        defer { dispatcher.close(job.id) }
        guard !lane.stop.isFired else { return }
        let now = wallClock.now
        let finished = await store.retrying("finish a job") { store in
            try await store.finish(job.id, as: state, errorMessage: errorMessage, at: now)
        }
        // Somebody was quicker, and has called the job off or paused it.
        guard case .some(.some) = finished else { return }
        logger.info(
            "job ended",
            metadata: [
                "job": "\(job.id)", "state": "\(state.rawValue)",
                "error": "\(errorMessage ?? "none")",
            ])
        outbox.wake()
        worker.downloader.forget(filesOf: job)
    }
}
