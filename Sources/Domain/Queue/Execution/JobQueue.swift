// The queue's engine: performs what the scheduler decides, and reports the results to it.

import Concurrency
package import Datasets
package import Jobs
package import Logging

/// Settings of the queue. How much it may do at once is in ``RuntimeLimits``.
package struct JobQueueSettings: Hashable, Sendable {
    /// Files in one job (`MAX_FILES_PER_JOB`).
    package var filesPerJobMax: Int
    /// When files are tried again (`RETRY_BASE_SECONDS`, `RETRY_MAX_ATTEMPTS`). The back-off is
    /// also that of jobs whose catalogue cannot be read when they are planned.
    package var retry: RetryPolicy
    /// Downloads pause while less is free on the data root's disk (`DISK_RESERVE`); 0 for never.
    package var diskReserveBytes: Int64
    /// Crashes in a row after which files are given up (`CRASHES_MAX`), see ``PoisonJobPolicy``.
    package var crashesMax: Int
    /// How long transfers may go on after the request to stop (`SHUTDOWN_GRACE`).
    package var shutdownGrace: Duration

    package init(
        filesPerJobMax: Int = 100_000,
        retry: RetryPolicy = RetryPolicy(), diskReserveBytes: Int64 = 1 << 30,
        crashesMax: Int = 5, shutdownGrace: Duration = .zero
    ) {
        self.filesPerJobMax = filesPerJobMax
        self.retry = retry
        self.diskReserveBytes = diskReserveBytes
        self.crashesMax = crashesMax
        self.shutdownGrace = shutdownGrace
    }
}

/// Runs jobs in the background until it is stopped.
///
/// The scheduler is confined to this actor. All other work runs in child tasks of ``run()``.
package actor JobQueue {
    let store: RetryingStore<any QueueStore>
    let planner: Planner
    let worker: Worker
    let marker: CleanShutdownMarker
    let outbox: NotificationOutbox
    /// For moments that people read.
    let wallClock: any Timekeeping
    /// For all waits.
    let clock: SteadyClock
    let logger: Logger
    nonisolated let inbox = QueueInbox()
    nonisolated let stopping = ShutdownSignal()
    var scheduler: Scheduler
    var runs = JobRuns()
    let storage: StorageMonitor
    /// Why the upstream pauses, where it does and that is known.
    var upstreamPauseReason: String?
    /// Since when it has paused; `nil` once a response came after the pause.
    var upstreamPausedSince: Timestamp?
    /// Whether the jobs that the last process left have their runs.
    private(set) var hasRecovered = false
    private var hasStarted = false
    private let limits: RuntimeLimits
    private let crashLimit: PoisonJobPolicy
    private nonisolated let ended = ShutdownSignal()

    /// - Parameters:
    ///   - outbox: woken when a job starts or ends; the composition root runs it.
    ///   - limits: read again at every step. Jobs that were running before a restart all go on.
    ///   - freeSpace: checked for ``JobQueueSettings/diskReserveBytes``; `nil` for no checks.
    ///   - jitter: from 0 to 1, at random: the part of the jitter that is added to a wait.
    package init(
        store: any QueueStore, downloader: any Downloading, catalogue: any CatalogueProviding,
        outbox: NotificationOutbox, limits: RuntimeLimits = RuntimeLimits(),
        freeSpace: (any FreeSpaceProviding)? = nil,
        clock: any Timekeeping, settings: JobQueueSettings, logger: Logger,
        jitter: @escaping @Sendable () -> Double = { Double.random(in: 0...1) }
    ) {
        let steady = SteadyClock(clock)
        let retrying = RetryingStore<any QueueStore>(
            store: store, clock: clock, stopping: stopping, logger: logger)
        self.store = retrying
        self.planner = Planner(
            store: retrying, catalogue: catalogue, retry: settings.retry,
            filesMax: settings.filesPerJobMax)
        self.worker = Worker(
            downloader: downloader, retry: settings.retry, clock: steady,
            grace: settings.shutdownGrace, jitter: jitter)
        self.marker = CleanShutdownMarker(store: retrying)
        self.storage = StorageMonitor(
            freeSpace: freeSpace, reserveBytes: settings.diskReserveBytes, store: retrying,
            outbox: outbox, clock: steady)
        self.crashLimit = PoisonJobPolicy(crashesMax: settings.crashesMax)
        self.outbox = outbox
        self.wallClock = clock
        self.clock = steady
        self.logger = logger
        self.limits = limits
        self.scheduler = Scheduler(limits: ConcurrencyLimits(limits.current))
        limits.observe { [inbox] in inbox.changed.signal() }
    }

    /// Goes on with the jobs that the last process left, then runs jobs until ``stop()`` is called
    /// or the task is cancelled. Returns when no work is in progress. To be called once.
    package func run() async {
        precondition(!hasStarted, "the composition root runs the queue once")
        hasStarted = true
        await withTaskCancellationHandler {
            await recover()
            await withDiscardingTaskGroup { group in
                if storage.isEnabled { group.addTask { await self.watchStorage() } }
                while !stopping.isFired {
                    if inbox.takeJobsMayWait() { scheduler.jobsMayWait() }
                    for (job, day) in inbox.takeTransfers() {
                        scheduler.transferBegan(job, day: day)
                    }
                    for request in runs.takeRequests() {
                        group.addTask { await self.perform(request) }
                    }
                    scheduler.apply(ConcurrencyLimits(limits.current))
                    let actions = scheduler.actions(at: clock.now)
                    // Before the claim reads the store: a job that the claim misses is submitted
                    // later than that, and passes this filter.
                    inbox.filter(by: scheduler.claimFilter)
                    for action in actions {
                        group.addTask { await self.perform(action) }
                    }
                    await inbox.changed.wait(until: scheduler.nextMoment, on: clock)
                }
                await marker.stop(at: wallClock.now)
            }
        } onCancel: {
            beginToStop()
        }
        runs.endAll()
        ended.fire()
    }

    /// Claims nothing more, lets transfers go on for ``JobQueueSettings/shutdownGrace``, then
    /// cancels them and puts their files back as if never claimed; returns when no work is in
    /// progress.
    package func stop() async {
        beginToStop()
        if hasStarted { await ended.wait() }
    }

    /// The store has a new job. Never waits, and wakes the queue only if it could claim the job.
    package nonisolated func wake(for job: Job) {
        inbox.submitted(job)
    }

    /// The store may have a job to run. Never waits.
    package nonisolated func wake() {
        inbox.jobsMayWait()
    }

    private nonisolated func beginToStop() {
        stopping.fire()
        inbox.changed.signal()
    }

    private func perform(_ action: Scheduler.Action) async {
        switch action {
        case .claimJob(let slot): await claimJob(for: slot)
        case .plan(let job): await plan(job)
        case .claimFiles(let job, let limit): await fetchFiles(of: job, limit: limit)
        case .end(let job, let failure): await end(job, because: failure)
        case .resumeUpstream:
            logger.notice("requests to the upstream resume")
            _ = await store.retrying("clear the upstream's pause") { store in
                try await UpstreamPause.clear(in: store)
            }
        }
        inbox.changed.signal()
    }

    // MARK: Recovery

    /// Puts files back, counts crashes, and goes on with the jobs that were running.
    private func recover() async {
        let loaded = await store.retrying("load the upstream's pause") { store in
            try await UpstreamPause.load(from: store)
        }
        if let pause = loaded.flatMap({ $0 }), pause.until > clock.now {
            _ = scheduler.pauseUpstream(until: pause.until)
            (upstreamPauseReason, upstreamPausedSince) = (pause.reason, clock.now)
            logger.warning("the upstream still pauses", metadata: ["until": "\(pause.until)"])
        }
        let end = await marker.lastEnd(crashLimit)
        let now = wallClock.now
        let found = await store.retrying("recover jobs") { store in
            try await store.recover(after: end, at: now)
        }
        guard let found else { return }
        await marker.begin()
        for job in found.jobs {
            if job.control.crashes > 0 {
                logger.warning(
                    "the service died while a job was at work",
                    metadata: ["job": "\(job.id)", "crashes_in_a_row": "\(job.control.crashes)"])
            }
            if found.poisoned.contains(job.id) {
                await giveUp(job)
            } else if await start(job) {
                logger.notice("a job goes on after a restart", metadata: ["job": "\(job.id)"])
            }
        }
        hasRecovered = true
    }

    /// Ends a poisoned job.
    private func giveUp(_ job: Job) async {
        await failRemainingFiles(
            of: job.id, because: PoisonJobPolicy.failure(after: job.control.crashes))
        await finish(
            job, as: .failed, errorMessage: PoisonJobPolicy.message(for: job), in: JobRun())
    }
}
