// Follows a job to its end: performs what WatchState decides. It must not decide anything itself.

import APIClient
import APITypes
import Datasets
import Posix
import Synchronization

/// Asks, shows, waits, until the job has ended. A service that can is asked to answer when the job
/// changes.
struct JobWatcher {
    /// How long the service is to wait for a change: half of what the client waits for an answer.
    private static let heldSeconds = 30

    private let session: Session
    private let id: Int64
    private let seen = LastSeenJob()

    init(_ id: Int64, session: Session) {
        self.id = id
        self.session = session
    }

    /// Watches to the end and prints the outcome.
    ///
    /// - Parameters:
    ///   - isKnown: whether the job was accepted a moment ago.
    ///   - outcome: how the job ended, in words.
    ///   - status: the same as an exit status.
    /// - Throws: ``JobEnding``, ``ServiceFailure``, ``OutputFailure``
    func run(
        isKnown: Bool, outcome: ((JobResponse) -> [String])? = nil,
        status: (JobResponse) -> ExitStatus = WatchText.exitStatus
    ) async throws {
        let stream: Console.Stream = session.printsJSON ? .error : .output
        let console = Console()
        let interrupt = Interrupt(console) { [id, seen, program = session.program] in
            (stream.isTerminal ? "\n" : "")
                + WatchText.interrupted(id, seen.job, program: program)
        }
        var screen = WatchScreen(stream, console: console)
        let reply = try await follow(WatchState(isKnown: isKnown), &screen)
        try withExtendedLifetime(interrupt) {
            let lines =
                outcome?(reply.value) ?? WatchText.outcome(reply.value, program: session.program)
            try screen.say(lines.joined(separator: "\n"))
            if session.printsJSON { try console.print(json: reply.body) }
        }
        let end = status(reply.value)
        if end != .done { throw JobEnding(status: end) }
    }

    private func follow(
        _ start: WatchState, _ screen: inout WatchScreen
    ) async throws -> APIReply<JobResponse> {
        var state = start
        var last: APIReply<JobResponse>?
        let clock = ContinuousClock()
        let beginning = clock.now
        while true {
            let result = try await observe(since: last, screen)
            let now = clock.now - beginning
            if case .success(.changed(let reply)) = result {
                last = reply
                seen.job = reply.value
            }
            if case .success = result, let last { screen.note(last.value, at: now) }
            for action in state.observe(JobWatcher.observation(of: result), at: now) {
                switch action {
                case .show(let job): try screen.show(job)
                case .sayLost(let error, let patienceSeconds):
                    try screen.say(
                        WatchText.lost(
                            error, at: session.address, patienceSeconds: patienceSeconds),
                        isLost: true)
                case .sayFound(let seconds):
                    try screen.say(WatchText.found(afterSeconds: seconds))
                case .wait(let time): try await wait(time, screen)
                case .finish, .giveUp:
                    if case .changed(let reply) = try result.get() { return reply }
                }
            }
        }
    }

    private typealias Observed = Result<JobPollResult, ServiceFailure>

    /// Asks while the time elapsed moves on the screen.
    private func observe(
        since last: APIReply<JobResponse>?, _ screen: WatchScreen
    ) async throws -> Observed {
        try await withThrowingTaskGroup(of: Observed?.self) { group in
            group.addTask { await ask(since: last?.entityTag) }
            group.addTask { try await JobWatcher.tick() }
            while let observed = try await group.next() {
                if let observed {
                    group.cancelAll()
                    return observed
                }
                try screen.redraw(at: Timestamp(microseconds: WallClock.microseconds))
                group.addTask { try await JobWatcher.tick() }
            }
            preconditionFailure("somebody always asks")
        }
    }

    private static func tick() async throws -> Observed? {
        try await Task.sleep(for: .seconds(1))
        return nil
    }

    private func ask(since tag: String?) async -> Observed {
        do throws(ServiceFailure) {
            guard let tag else { return .success(.changed(try await session.job(id))) }
            return .success(
                try await session.job(
                    id, otherThan: tag, waitSeconds: JobWatcher.heldSeconds))
        } catch {
            return .failure(error)
        }
    }

    private static func observation(of result: Observed) -> WatchState.Observation {
        switch result {
        case .success(.changed(let reply)): .job(reply.value)
        case .success(.unchanged(let wasHeld)): .unchanged(wasHeld: wasHeld)
        case .failure(let failure): .failure(failure.cause)
        }
    }

    /// Waits in steps of a second, so that the time elapsed moves on the screen.
    private func wait(_ time: Duration, _ screen: WatchScreen) async throws {
        var rest = time
        repeat {
            try screen.redraw(at: Timestamp(microseconds: WallClock.microseconds))
            let step = min(rest, .seconds(1))
            try await Task.sleep(for: step)
            rest -= step
        } while rest > .zero
    }
}

/// A job as it was last seen, for the signal handler: behind a lock.
private final class LastSeenJob: Sendable {
    private let last = Mutex<JobResponse?>(nil)

    var job: JobResponse? {
        get { last.withLock { $0 } }
        set { last.withLock { $0 = newValue } }
    }
}
