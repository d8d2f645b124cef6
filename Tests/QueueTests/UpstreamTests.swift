// A bad key costs at most two requests, and a used-up quota pauses all downloads.

import Datasets
import Jobs
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Queue

@Suite(.timeLimit(.minutes(1)))
struct UpstreamTests {
    @Test(arguments: [
        ("2024-01-02", "2024-03-31"), ("2024-01-01", "2024-03-31"), ("2024-01-02", "2024-03-01"),
        ("2024-01-01", "2024-03-01"), ("2024-01-02", "2024-01-02"),
    ])
    func `a refused key ends all files after at most two refusals`(
        start: String, end: String
    ) async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time) { call in
                // Free days need no valid key.
                ScriptedDownloader.Step(
                    call.file.day.isFree
                        ? .published(.sample) : .stopJob(failure("api_key_refused")))
            }
            try await bench.running { queue in
                let id = try await bench.submit(
                    to: queue, symbols: ["A", "B", "C"], from: start, to: end)
                let isOver = try await bench.settled()
                #expect(isOver)
                let refused = await bench.upstream.calls.count { !$0.file.day.isFree }
                #expect((1...2).contains(refused))
                #expect(await bench.upstream.calls.count <= 4)
                let job = try await bench.job(id)
                #expect(job.state == .failed)
                #expect(job.errorMessage?.contains("It was api_key_refused.") == true)
                let states = await bench.states(of: id)
                #expect(Set(states.keys).isSubset(of: [.failed, .ok]))
                #expect(job.progress.filesTotal == states.values.reduce(0, +))
            }
            #expect(await bench.store.violations.isEmpty)
        }
    }

    @Test func `a key that is refused in the middle stops the job, and no other`() async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time) { call in
                let isOver = call.folder == "stopped" && call.file.day > day("2024-02-01")
                return ScriptedDownloader.Step(
                    isOver && call.file.day < day("2024-03-31")
                        ? .stopJob(failure("api_key_refused")) : .published(.sample),
                    after: .milliseconds(100))
            }
            try await bench.running { queue in
                let stopped = try await bench.submit(
                    to: queue, from: "2024-01-02", to: "2024-03-31", folder: "stopped")
                let other = try await bench.submit(
                    to: queue, from: "2024-01-02", to: "2024-03-31", folder: "other")
                let isOver = try await bench.settled()
                #expect(isOver)
                #expect(try await bench.job(stopped).state == .failed)
                #expect(try await bench.job(other).state == .completed)
                let refused = await bench.upstream.calls.count {
                    $0.folder == "stopped" && $0.file.day > day("2024-02-01")
                        && $0.file.day < day("2024-03-31")
                }
                #expect(refused <= 16)
            }
            #expect(await bench.store.violations.isEmpty)
        }
    }

    @Test func `a job of one free day needs no verified key`() async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time) { _ in
                ScriptedDownloader.Step(.published(.sample), after: .seconds(1))
            }
            try await bench.running { queue in
                try await bench.submit(
                    to: queue, symbols: (0..<40).map { "S\($0)" }, from: "2024-01-01",
                    to: "2024-01-01")
                let isOver = try await bench.settled()
                #expect(isOver)
                #expect(await bench.upstream.inFlightMax == 16)
            }
        }
    }

    @Test func `at most two files are in flight until the key is verified`() async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time) { call in
                let isEarly = call.attempt < 4
                return ScriptedDownloader.Step(
                    isEarly ? .retry(after: nil, failure("busy")) : .published(.sample),
                    after: .seconds(1))
            }
            try await bench.running { queue in
                try await bench.submit(to: queue, from: "2024-01-02", to: "2024-03-31")
                _ = try await time.wait { await bench.upstream.calls.contains { $0.attempt == 4 } }
                #expect(await bench.upstream.inFlightMax == 2)
                let isOver = try await bench.settled()
                #expect(isOver)
                #expect(await bench.upstream.inFlightMax > 2)
            }
        }
    }

    /// A large file takes minutes: the others must not wait for its last byte.
    @Test func `all slots are used as soon as the first transfer begins`() async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time) { call in
                ScriptedDownloader.Step(
                    .published(.sample), after: .seconds(600), admittedAfter: .seconds(1))
            }
            try await bench.running { queue in
                try await bench.submit(to: queue, from: "2024-01-02", to: "2024-01-31")
                try await time.sleep(for: .milliseconds(900))
                #expect(await bench.upstream.inFlightMax == 2)
                try await time.sleep(for: .milliseconds(200))
                #expect(await bench.upstream.inFlight == 16)
                let isOver = try await bench.settled()
                #expect(isOver)
            }
        }
    }

    @Test func `a used-up quota pauses all jobs until it is renewed, and counts no attempt`()
        async throws
    {
        try await VirtualTime.run { time in
            let begin = time.now
            let end = begin + .seconds(7_200)
            let bench = Bench(time) { call in
                ScriptedDownloader.Step(
                    call.at < end
                        ? .pauseUpstream(for: end - call.at, failure("quota")) : .published(.sample)
                )
            }
            try await bench.running { queue in
                let first = try await bench.submit(to: queue, folder: "first")
                let second = try await bench.submit(to: queue, folder: "second")
                try await time.sleep(for: .seconds(3_600))
                let asked = await bench.upstream.calls.count
                #expect((1...4).contains(asked))
                #expect(await bench.store.facts[UpstreamPause.untilKey] != nil)
                try await time.sleep(for: .seconds(3_500))
                #expect(await bench.upstream.calls.count == asked)
                let isOver = try await bench.settled()
                #expect(isOver)
                for id in [first, second] {
                    #expect(try await bench.job(id).state == .completed)
                    #expect(await bench.store.files[id]?.allSatisfy { $0.attempts == 1 } == true)
                }
                #expect(await bench.upstream.calls.dropFirst(asked).allSatisfy { $0.at >= end })
                #expect(await bench.store.facts.isEmpty)
                #expect(bench.log.texts(from: .warning) == ["the upstream pauses"])
            }
        }
    }

    @Test func `a pause outlives a restart`() async throws {
        try await VirtualTime.run { time in
            let end = time.now + .seconds(7_200)
            let store = InMemoryJobStore()
            let before = Bench(time, store: store) { call in
                ScriptedDownloader.Step(.pauseUpstream(for: end - call.at, failure("quota")))
            }
            let id = try await before.running { queue in
                let id = try await before.submit(to: queue)
                try await time.sleep(for: .seconds(60))
                return id
            }
            let after = Bench(time, store: store)
            try await after.running { queue in
                try await after.submit(to: queue, folder: "new")
                let isOver = try await after.settled()
                #expect(isOver)
                #expect(try await after.job(id).state == .completed)
                #expect(await after.upstream.calls.allSatisfy { $0.at >= end })
            }
        }
    }

    @Test(arguments: [0, 3])
    func `the team is alerted of a pause once, however many refusals and restarts there are`(
        failures: Int
    ) async throws {
        try await VirtualTime.run { time in
            let end = time.now + .seconds(10_000)
            let store = InMemoryJobStore()
            let upstream: @Sendable (ScriptedDownloader.Call) -> ScriptedDownloader.Step = { call in
                // The upstream pauses for an hour again and again until the quota is renewed.
                ScriptedDownloader.Step(
                    call.at < end
                        ? .pauseUpstream(for: .seconds(3_600), failure("quota"))
                        : .published(.sample))
            }
            var alerts: [ServiceAlert] = []
            for restart in 0..<3 {
                let bench = Bench(time, store: store, script: upstream)
                if restart == 0 { await bench.channel.failAlerts(failures) }
                try await bench.running { queue in
                    if restart == 0 { try await bench.submit(to: queue) }
                    if restart < 2 { return try await time.sleep(for: .seconds(4_000)) }
                    let isOver = try await bench.settled()
                    #expect(isOver)
                }
                alerts += await bench.channel.alerts
            }
            #expect(alerts.filter { !$0.isOver }.map(\.kind) == [.upstreamPaused])
            #expect(
                alerts.first?.text
                    == "It was quota. Downloads go on by themselves at 2024-06-15T01:00 UTC.")
            // No stored value suppresses the alert of the next pause.
            #expect(await Array(store.facts.keys) == [ProcessEnd.cleanKey])
            #expect(await store.jobs.values.allSatisfy { $0.state == .completed })
        }
    }

    @Test func `a second pause, after responses, is alerted again`() async throws {
        try await VirtualTime.run { time in
            let begin = time.now
            let bench = Bench(time) { call in
                // For the first ten minutes after each submission.
                let minutes = (call.at - begin).components.seconds % 7_200 / 60
                return ScriptedDownloader.Step(
                    minutes < 10
                        ? .pauseUpstream(for: .seconds(600), failure("quota"))
                        : .published(.sample))
            }
            try await bench.running { queue in
                try await bench.submit(to: queue)
                try await time.sleep(for: .seconds(7_200))
                try await bench.submit(to: queue)
                let isOver = try await bench.settled()
                #expect(isOver)
                #expect(await bench.channel.alerts.count { !$0.isOver } == 2)
            }
        }
    }

    @Test func `without a channel no job waits for an alert`() async throws {
        try await VirtualTime.run { time in
            let end = time.now + .seconds(600)
            var bench = Bench(time) { call in
                ScriptedDownloader.Step(
                    call.at < end
                        ? .pauseUpstream(for: end - call.at, failure("quota")) : .published(.sample)
                )
            }
            bench.hasChannel = false
            try await bench.running { [bench] queue in
                try await bench.submit(to: queue)
                let isOver = try await bench.settled()
                #expect(isOver)
                #expect(await bench.store.facts.isEmpty)
            }
        }
    }

    @Test func `a pause that is ended is over at once, for every job`() async throws {
        try await VirtualTime.run { time in
            let isRefused = Mutex(true)
            let bench = Bench(time) { call in
                ScriptedDownloader.Step(
                    isRefused.withLock { $0 }
                        ? .pauseUpstream(for: .seconds(7_200), failure("quota"))
                        : .published(.sample))
            }
            let boss = Principal(name: "boss", address: "10.0.0.1", isAdmin: true)
            try await bench.running { queue in
                #expect(try await queue.endUpstreamPause(by: boss) == nil)
                let id = try await bench.submit(to: queue)
                try await time.sleep(for: .seconds(60))
                guard case .upstreamPaused(let until, let reason) = await queue.obstacles().first
                else {
                    Issue.record("no pause")
                    return
                }
                #expect(await queue.waitReasons(of: [id])[id] == queue.obstacles().first)
                isRefused.withLock { $0 = false }
                let pause = try await queue.endUpstreamPause(by: boss)
                #expect(pause == UpstreamPause(until: until, reason: reason))
                #expect(reason == "It was quota.")
                let begin = time.now
                #expect(try await bench.settled())
                #expect(time.now - begin < .seconds(60))
                #expect(try await bench.job(id).state == .completed)
                #expect(await queue.obstacles().isEmpty)
                #expect(try await queue.endUpstreamPause(by: boss) == nil)
                let event = await bench.store.events.last { $0.kind == .upstreamResumed }
                #expect(event?.principal == boss || event?.principal.name == "boss")
                #expect(await bench.store.facts.isEmpty)
            }
        }
    }
}
