// Follows a job to its end: sends and prints what WatchState decides.

import APIClient
import APITypes
import Datasets
import Posix
import Synchronization

/// Polls and shows a job until it has ended. Services that support it hold the answer until the job
/// changes.
struct JobWatcher {
    /// How long the service holds an answer: half of the time-out of the client.
    private static let heldSeconds = 30

    private typealias PollResult = Result<JobPollResult, ServiceFailure>

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
    /// - Throws: ``JobOutcomeError``, ``ServiceFailure``, ``OutputFailure``
    func run(
        isKnown: Bool, outcome: ((JobResponse) -> [String])? = nil,
        status: (JobResponse) -> ExitStatus = WatchText.exitStatus
    ) async throws {
        let stream: Console.Stream = session.printsJSON ? .error : .output
        let interrupt = Interrupt { [id, seen, program = session.program] in
            (stream.isTerminal ? "\n" : "")
                + WatchText.interrupted(id, seen.job, program: program)
        }
        var screen = WatchScreen(stream)
        let reply = try await follow(WatchState(isKnown: isKnown), &screen)
        try withExtendedLifetime(interrupt) {
            let lines =
                outcome?(reply.value) ?? WatchText.outcome(reply.value, program: session.program)
            try screen.print(lines.joined(separator: "\n"))
            if session.printsJSON { try session.console.print(json: reply.body) }
        }
        let end = status(reply.value)
        if end != .done { throw JobOutcomeError(status: end) }
    }

    private func follow(
        _ start: WatchState, _ screen: inout WatchScreen
    ) async throws -> APIReply<JobResponse> {
        var state = start
        var last: APIReply<JobResponse>?
        let clock = ContinuousClock()
        let beginning = clock.now
        while true {
            let result = try await poll(since: last, screen)
            let now = clock.now - beginning
            if case .success(.changed(let reply)) = result {
                last = reply
                seen.job = reply.value
            }
            if case .success = result, let last { screen.update(last.value, at: now) }
            for action in state.observe(JobWatcher.observation(of: result), at: now) {
                switch action {
                case .show(let job): try screen.show(job)
                case .reportLost(let error, let patienceSeconds):
                    try screen.print(
                        WatchText.lost(
                            error, at: session.address, patienceSeconds: patienceSeconds),
                        isLost: true)
                case .reportFound(let seconds):
                    try screen.print(WatchText.found(afterSeconds: seconds))
                case .wait(let time): try await wait(time, screen)
                case .finish, .giveUp:
                    if case .changed(let reply) = try result.get() { return reply }
                }
            }
        }
    }

    /// Polls once while the elapsed time advances on the screen.
    private func poll(
        since last: APIReply<JobResponse>?, _ screen: WatchScreen
    ) async throws -> PollResult {
        try await withThrowingTaskGroup(of: PollResult?.self) { group in
            group.addTask { await ask(since: last?.entityTag) }
            group.addTask { try await JobWatcher.tick() }
            while let answer = try await group.next() {
                if let answer {
                    group.cancelAll()
                    return answer
                }
                try screen.redraw(at: Timestamp(microseconds: WallClock.microseconds))
                group.addTask { try await JobWatcher.tick() }
            }
            preconditionFailure("the group always has a request until it has answered")
        }
    }

    private static func tick() async throws -> PollResult? {
        try await Task.sleep(for: .seconds(1))
        return nil
    }

    private func ask(since tag: String?) async -> PollResult {
        do throws(ServiceFailure) {
            guard let tag else {
                return .success(.changed(try await session.send { try await $0.job(id) }))
            }
            return .success(
                try await session.send {
                    try await $0.job(id, otherThan: tag, waitSeconds: JobWatcher.heldSeconds)
                })
        } catch {
            return .failure(error)
        }
    }

    private static func observation(of result: PollResult) -> WatchState.Observation {
        switch result {
        case .success(.changed(let reply)): .job(reply.value)
        case .success(.unchanged(let wasHeld)): .unchanged(wasHeld: wasHeld)
        case .failure(let failure): .failure(failure.cause)
        }
    }

    /// Waits in steps of a second, so that the elapsed time advances on the screen.
    private func wait(_ time: Duration, _ screen: WatchScreen) async throws {
        var remaining = time
        repeat {
            try screen.redraw(at: Timestamp(microseconds: WallClock.microseconds))
            let step = min(remaining, .seconds(1))
            try await Task.sleep(for: step)
            remaining -= step
        } while remaining > .zero
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
