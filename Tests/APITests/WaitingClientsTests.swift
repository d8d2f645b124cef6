// Clients that wait, leave and come back at random while jobs change at random: no order of events
// may end the service or leave a waiting request behind.

import Datasets
import HTTP
import JSON
import Jobs
import Synchronization
import TestSupport
import Testing

@testable import API

/// A seed is a world of its own: three jobs, twelve clients, people, and the upstream.
@Suite(.timeLimit(.minutes(10)))
struct WaitingClientsTests {
    private static let clients: UInt64 = 12
    private static let stepsPerClient = 40

    /// Twelve times forty requests for each seed: 12,000 in all, each beside eleven others.
    @Test(arguments: 1...25 as ClosedRange<UInt64>)
    func `clients wait, disconnect, time out and are cancelled while jobs change`(
        seed: UInt64
    ) async throws {
        let fixture = Fixture(admins: ["root"], time: HastyTime(seed: seed))
        for _ in 0..<3 { _ = await fixture.submit(Fixture.anotherBody) }
        await withTaskGroup(of: Void.self) { group in
            for client in 1...WaitingClientsTests.clients {
                group.addTask { await ask(fixture, seed: seed << 8 | client) }
            }
            group.addTask { await steer(fixture, seed: seed << 8) }
            group.addTask { await pauseUpstream(fixture, seed: seed << 8 | 0xFF) }
        }
        #expect(fixture.api.longPolls.count == 0)
        fixture.api.endLongPolls()
        #expect(await fixture.send("GET", "/jobs").status == 200)
    }

    /// One client: half of its requests wait for a job, a third of all are given up.
    private func ask(_ fixture: Fixture, seed: UInt64) async {
        var random = SeededGenerator(seed: seed)
        var tag = "*"
        for _ in 0..<WaitingClientsTests.stepsPerClient {
            let job = Int.random(in: 1...4, using: &random)
            let (method, target, body) = other(about: job, &random)
            let isLongPoll = Bool.random(using: &random)
            let request = Task { [tag] in
                guard isLongPoll else {
                    return await fixture.send(
                        method, target, headers: WaitingClientsTests.root, body: body)
                }
                return await fixture.send(
                    "GET", "/jobs/\(job)",
                    headers: ["X-Username": "ann", "If-None-Match": tag, "Prefer": "wait=60"])
            }
            if Int.random(in: 0..<3, using: &random) == 0 {
                await yield(Int.random(in: 0..<200, using: &random))
                request.cancel()
            }
            let reply = await request.value
            #expect(reply.status < 500 || reply.status == 503, "\(reply.text)")
            tag = reply.headers["ETag"] ?? tag
        }
    }

    private static let root: KeyValuePairs = ["X-Username": "root"]

    /// A request to any other endpoint.
    private func other(
        about job: Int, _ random: inout SeededGenerator
    ) -> (method: String, target: String, body: String) {
        let reads = [
            "/", "/health", "/docs", "/openapi.json", "/jobs?limit=2", "/jobs/\(job)", "/events",
            "/jobs/\(job)/status", "/jobs/\(job)/files", "/jobs/\(job)/manifest",
            "/jobs/\(job)/events", "/settings/limits",
        ]
        let all: [(method: String, target: String, body: String)] =
            reads.map { ("GET", $0, "") } + [
                ("POST", "/download", Fixture.goodBody), ("POST", "/jobs/\(job)/verify", ""),
                ("PATCH", "/jobs/\(job)", #"{"priority":7}"#),
                ("PATCH", "/settings/limits", #"{"transfers":4}"#),
                ("POST", "/jobs/actions", #"{"action":"pause","filter":{"status":"running"}}"#),
            ]
        return all.randomElement(using: &random) ?? all[0]
    }

    /// What people and the queue do to the jobs.
    private func steer(_ fixture: Fixture, seed: UInt64) async {
        var random = SeededGenerator(seed: seed)
        let verbs = ["cancel", "retry", "pause", "resume"]
        for _ in 0..<200 {
            let id = Int64.random(in: 1...4, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: _ = try? await fixture.store.claimJob(at: Fixture.now)
            case 1:
                let states: [JobState] = [.completed, .failed, .cancelled]
                _ = try? await fixture.store.finish(
                    JobID(id), as: states.randomElement(using: &random) ?? .failed,
                    errorMessage: nil, at: Fixture.now)
            default:
                let verb = verbs.randomElement(using: &random) ?? "retry"
                let reply = await fixture.send(
                    "POST", "/jobs/\(id)/\(verb)", headers: WaitingClientsTests.root)
                #expect(reply.status < 500)
            }
            await yield(Int.random(in: 0..<50, using: &random))
        }
    }

    /// The upstream asks for pauses of a second and of an hour, and takes them back.
    private func pauseUpstream(_ fixture: Fixture, seed: UInt64) async {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let seconds = [1, 3_600, 0].randomElement(using: &random) ?? 0
            let until = Fixture.now + .seconds(seconds)
            let text = seconds > 0 ? until.iso8601 : nil
            try? await fixture.store.set(text, for: UpstreamPause.untilKey)
            await yield(Int.random(in: 0..<50, using: &random))
        }
    }
}

private func yield(_ count: Int) async {
    for _ in 0..<count { await Task.yield() }
}

/// A clock that stands still; its sleeps last for some turns of the other tasks, or until they are
/// cancelled.
private final class HastyTime: Timekeeping {
    private let random: Mutex<SeededGenerator>

    init(seed: UInt64) {
        random = Mutex(SeededGenerator(seed: seed))
    }

    var now: Timestamp { Fixture.now }

    func sleep(for duration: Duration) async throws {
        // Longer sleeps seldom end first, as it would be.
        let turns = duration > .seconds(60) ? 2_000 : 100
        for _ in 0..<random.withLock({ Int.random(in: 0...turns, using: &$0) }) {
            try Task.checkCancellation()
            await Task.yield()
        }
    }
}
