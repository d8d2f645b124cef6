// Follows a job to its end: performs what WatchState decides. It must not decide anything itself.

import APIClient
import APITypes
import Datasets
import Posix

/// Asks, shows, waits, until the job has ended.
struct JobWatcher {
    private let session: Session
    private let id: Int64

    init(_ id: Int64, session: Session) {
        self.id = id
        self.session = session
    }

    /// Watches to the end and prints the outcome.
    ///
    /// - Parameter isKnown: whether the job was accepted a moment ago.
    /// - Throws: ``JobDidNotComplete``, ``ServiceFailure``, ``OutputFailure``
    func run(isKnown: Bool) async throws {
        let stream: Console.Stream = session.printsJSON ? .error : .output
        let console = Console()
        let farewell = WatchText.interrupted(id, program: session.program)
        let interrupt = Interrupt(saying: (stream.isTerminal ? "\n" : "") + farewell, console)
        var screen = WatchScreen(stream, console: console)
        let reply = try await follow(WatchState(isKnown: isKnown), &screen)
        try withExtendedLifetime(interrupt) {
            let outcome = WatchText.outcome(reply.value, program: session.program)
            try screen.say(outcome.joined(separator: "\n"))
            if session.printsJSON { try console.print(json: reply.body) }
        }
        if reply.value.status != "completed" { throw JobDidNotComplete() }
    }

    private func follow(
        _ start: WatchState, _ screen: inout WatchScreen
    ) async throws -> APIReply<JobAnswer> {
        var state = start
        let clock = ContinuousClock()
        let beginning = clock.now
        while true {
            let result = await observe()
            let now = clock.now - beginning
            if case .success(let reply) = result { screen.note(reply.value, at: now) }
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
                case .finish, .giveUp: return try result.get()
                }
            }
        }
    }

    private func observe() async -> Result<APIReply<JobAnswer>, ServiceFailure> {
        do throws(ServiceFailure) {
            return .success(try await session.job(id))
        } catch {
            return .failure(error)
        }
    }

    private static func observation(
        of result: Result<APIReply<JobAnswer>, ServiceFailure>
    ) -> WatchState.Observation {
        switch result {
        case .success(let reply): .job(reply.value)
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
