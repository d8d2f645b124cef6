// One thread that waits for descriptors, deadlines and work of other threads, and runs Swift tasks
// in between.

import Dispatch
import Glibc
import HTTP
import Posix
import Synchronization

/// A thread's loop around epoll, and a task executor: tasks that prefer it run between events,
/// without ever leaving its thread.
///
/// `@unchecked Sendable`: the variables are confined to `queue`, a serial queue that ``run()``
/// occupies from the start of the loop to its end. For the same reason the compiler need not check
/// at run time that they are used exclusively, neither here nor in what else belongs to the loop
/// (`@exclusivity(unchecked)`): that took every fifth instruction of a request.
final class EventLoop: TaskExecutor, @unchecked Sendable {
    private let queue: DispatchQueue
    private let mailbox: Mailbox
    /// The thread that runs the loop, 0 when none does.
    private let thread = Atomic<UInt>(0)
    private let epoll: Epoll
    /// Events told by one wait. More would make the first wait for the last one's answer.
    private let events = Epoll.EventBuffer(capacity: 256)
    @exclusivity(unchecked) private var watchers = WatcherTable()
    @exclusivity(unchecked) private var wheel: DeadlineWheel
    @exclusivity(unchecked) private var jobs: [UnownedJob] = []
    @exclusivity(unchecked) private var postponed: [() -> Void] = []
    @exclusivity(unchecked) private var isStopping = false
    @exclusivity(unchecked) private var whenStopped: (@Sendable () -> Void)?
    /// The time as of the last wait.
    @exclusivity(unchecked) private(set) var now: Moment
    /// Whether the last wait brought events shortly after the one before.
    @exclusivity(unchecked) private var isBusy = false

    init(name: String) throws(SystemError) {
        queue = DispatchQueue(label: name)
        mailbox = try Mailbox()
        epoll = try Epoll()
        let nanoseconds = MonotonicClock.nanoseconds
        now = Moment(nanoseconds: nanoseconds)
        wheel = DeadlineWheel(now: nanoseconds)
        try epoll.add(mailbox.number, interest: .readable, token: EventLoop.mailboxToken)
    }

    /// Begins to run, on a thread of its own.
    func start() {
        queue.async { self.run() }
    }

    // MARK: - From any thread

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent {
            jobs.append(job)
        } else {
            post(.job(job))
        }
    }

    /// Runs the work on the loop: at once when called there, else soon.
    func perform(_ work: @escaping @Sendable () -> Void) {
        if isCurrent { work() } else { post(.work(work)) }
    }

    /// Whether the calling thread is the loop's.
    private var isCurrent: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

    private func post(_ letter: Mailbox.Letter) {
        if mailbox.post(letter) { return }
        // The loop has ended. Its queue lives on, so that what it still owes to others is done.
        queue.async { self.open(letter) }
    }

    // MARK: - On the loop

    /// Traps when called from elsewhere, in debug builds.
    func assertCurrent() {
        assert(isCurrent || isStopping, "confined to the loop's thread")
    }

    /// Has a watcher told of a descriptor's events, until it is forgotten.
    func watch(
        _ number: Int32, interest: Epoll.Interest, _ watcher: any Watching
    ) throws(SystemError) -> WatcherTable.Token {
        let token = watchers.add(watcher)
        do throws(SystemError) {
            try epoll.add(number, interest: interest, token: token.rawValue)
        } catch {
            watchers.remove(token)
            throw error
        }
        return token
    }

    /// Has a watcher told of deadlines only.
    func watch(_ watcher: any Watching) -> WatcherTable.Token {
        watchers.add(watcher)
    }

    /// Changes which events a watcher is told of.
    func change(
        _ number: Int32, interest: Epoll.Interest, _ token: WatcherTable.Token
    ) throws(SystemError) {
        try epoll.modify(number, interest: interest, token: token.rawValue)
    }

    /// Tells a watcher nothing more. Closing its descriptor is its own business.
    func forget(_ token: WatcherTable.Token) {
        watchers.remove(token)
    }

    /// Tells a watcher when a moment has passed, or somewhat earlier: it has to look again.
    func schedule(_ token: WatcherTable.Token, at deadline: Moment?) {
        guard let deadline else { return }
        let tick = DeadlineWheel.tick(of: deadline.nanoseconds)
        if let earlier = watchers.tick(token), earlier <= tick { return }
        watchers.setTick(token, wheel.insert(token.rawValue, at: tick))
    }

    /// Does something after the events at hand.
    func postpone(_ work: @escaping () -> Void) {
        postponed.append(work)
    }

    /// Ends the loop after the events at hand, then calls the closure.
    func stop(then whenStopped: @escaping @Sendable () -> Void) {
        isStopping = true
        self.whenStopped = whenStopped
    }

    private static let mailboxToken = UInt64.max
    /// Within how long after a wait the events of the next one make the loop busy.
    private static let busyNanoseconds: Int64 = 1_000_000

    private func run() {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        BrokenPipeSignal.block()
        while !isStopping {
            runJobs()
            wait()
            tellOfDeadlines()
        }
        let letters = mailbox.close()
        runJobs()
        thread.store(0, ordering: .relaxed)
        for letter in letters { open(letter) }
        // What became ready in this last round; what follows comes by way of the closed mailbox.
        let last = jobs
        jobs = []
        for job in last { job.runSynchronously(on: asUnownedTaskExecutor()) }
        whenStopped?()
        whenStopped = nil
    }

    /// Runs what is ready now; what becomes ready meanwhile waits for the next round, so that a
    /// task that never ends cannot keep the events from being heard.
    private func runJobs() {
        if !jobs.isEmpty {
            let ready = jobs
            jobs = []
            for job in ready { job.runSynchronously(on: asUnownedTaskExecutor()) }
        }
        if !postponed.isEmpty {
            let ready = postponed
            postponed = []
            for work in ready { work() }
        }
    }

    private func wait() {
        // Other threads of this core first: what they send meanwhile needs no wake-up, and comes
        // in larger batches. A loop that is seldom asked does without, and answers sooner.
        if isBusy { sched_yield() }
        let count: Int
        do throws(SystemError) {
            count = try epoll.wait(milliseconds: patience, into: events)
        } catch {
            preconditionFailure("epoll_wait fails only when it is called wrongly: \(error)")
        }
        let before = now
        now = Moment(nanoseconds: MonotonicClock.nanoseconds)
        isBusy = count > 0 && now.nanoseconds - before.nanoseconds < EventLoop.busyNanoseconds
        for index in 0..<count {
            let event = events[index]
            if event.token == EventLoop.mailboxToken {
                for letter in mailbox.collect() { open(letter) }
            } else {
                // Closed connections leave events behind in the same batch; the table knows.
                watchers[event.token]?.ready(event)
            }
        }
    }

    /// How long the next wait may be, in milliseconds; -1 is for ever.
    private var patience: Int32 {
        if !jobs.isEmpty || !postponed.isEmpty || isStopping { return 0 }
        guard let nanoseconds = wheel.wait(from: MonotonicClock.nanoseconds) else { return -1 }
        return Int32(min(nanoseconds / 1_000_000 + 1, 60_000))
    }

    private func tellOfDeadlines() {
        for (entry, tick) in wheel.advance(to: now.nanoseconds) {
            watchers.watcher(dueAt: tick, entry)?.due()
        }
    }

    private func open(_ letter: Mailbox.Letter) {
        switch letter {
        case .job(let job): job.runSynchronously(on: asUnownedTaskExecutor())
        case .work(let work): work()
        }
    }
}

/// Jobs and closures from other threads, and the descriptor that wakes the loop for them.
private final class Mailbox: Sendable {
    /// One thing to do on the loop.
    enum Letter: Sendable {
        /// A Swift task's next step.
        case job(UnownedJob)
        case work(@Sendable () -> Void)
    }

    private struct State: Sendable {
        var letters: [Letter] = []
        /// Whether the loop has been woken already: doing it again would be a wasted call.
        var isWoken = false
        var isClosed = false
    }

    private let state = Mutex(State())
    private let wakeUp: WakeUp

    init() throws(SystemError) {
        wakeUp = try WakeUp()
    }

    /// The descriptor that becomes readable, for epoll.
    var number: Int32 { wakeUp.number }

    /// Leaves a letter from any thread.
    ///
    /// - Returns: false when the box is closed: the letter was not taken.
    func post(_ letter: Letter) -> Bool {
        let (isTaken, mustWake) = state.withLock { state in
            if state.isClosed { return (false, false) }
            state.letters.append(letter)
            defer { state.isWoken = true }
            return (true, !state.isWoken)
        }
        if mustWake { wakeUp.signal() }
        return isTaken
    }

    /// Takes all letters out; called on the loop when it was woken.
    func collect() -> [Letter] {
        wakeUp.clear()
        return state.withLock { state in
            state.isWoken = false
            defer { state.letters = [] }
            return state.letters
        }
    }

    /// Takes the last letters out and accepts no further ones.
    func close() -> [Letter] {
        state.withLock { state in
            state.isClosed = true
            defer { state.letters = [] }
            return state.letters
        }
    }
}
