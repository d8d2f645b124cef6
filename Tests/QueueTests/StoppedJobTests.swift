// Jobs that are stopped while they wait: for the catalogue, for free space, for a paused
// upstream, a verification, a service that ends.

import Datasets
import Jobs
import Queue
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct StoppedJobTests {
    @Test func `a job that waits for the catalogue is cancelled at once`() async throws {
        try await VirtualTime.run { time in
            var bench = Bench(time)
            bench.catalogue = AwayCatalogue(clock: time)
            try await bench.running { queue in
                let id = try await bench.submit(to: queue)
                try await time.sleep(for: .seconds(20))
                #expect(
                    await queue.waitReason(of: id) == .awaitsCatalogue(reason: "no route to host"))
                let begin = time.now
                try await bench.act(.cancel, on: id)
                #expect(time.now - begin < .seconds(1))
                try await time.sleep(for: .seconds(300))
                #expect(try await bench.job(id).state == .cancelled)
                #expect(await bench.store.files[id] == nil)
                #expect(await bench.upstream.calls.isEmpty)
            }
            #expect(await bench.channel.delivered.map(\.kind) == [.started, .cancelled])
        }
    }

    @Test func `a stalled transfer is closed, and published files stay`() async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time) { call in
                let stalls = call.attempt == 1 && call.file.day > day("2024-01-03")
                return ScriptedDownloader.Step(
                    .published(.sample), after: stalls ? .seconds(86_400) : .milliseconds(20))
            }
            try await bench.running { queue in
                let id = try await bench.submit(to: queue, folder: "a")
                try await time.sleep(for: .seconds(60))
                #expect(await bench.upstream.inFlight == 2)
                let begin = time.now
                try await bench.act(.cancel, on: id)
                #expect(time.now - begin < .seconds(1))
                #expect(await bench.upstream.inFlight == 0)
                #expect(await bench.upstream.interruptions == 2)
                #expect(await bench.states(of: id) == [.ok: 2, .cancelled: 2])
                #expect(await bench.upstream.forgotten == [id])
                #expect(try await bench.act(.cancel, on: id) == .unchanged)
            }
        }
    }

    @Test func `files that wait for another attempt are cancelled too`() async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time) { _ in
                ScriptedDownloader.Step(.retry(after: .seconds(100), failure("busy")))
            }
            try await bench.running { queue in
                let id = try await bench.submit(to: queue)
                try await time.sleep(for: .seconds(60))
                guard case .backsOff(let until, _) = await queue.waitReason(of: id) else {
                    Issue.record("\(String(describing: await queue.waitReason(of: id)))")
                    return
                }
                #expect(until - time.now < .seconds(60))
                try await bench.act(.cancel, on: id)
                let asked = await bench.upstream.calls.count
                try await time.sleep(for: .seconds(3_600))
                #expect(await bench.upstream.calls.count == asked)
                #expect(await bench.states(of: id) == [.cancelled: 4])
            }
        }
    }

    @Test func `a pause is in the history of the jobs that it holds up, and is why they wait`()
        async throws
    {
        try await VirtualTime.run { time in
            let end = time.now + .seconds(7_200)
            let bench = Bench(time) { call in
                ScriptedDownloader.Step(
                    call.at < end
                        ? .pauseUpstream(for: end - call.at, failure("quota")) : .published(.sample)
                )
            }
            try await bench.running { queue in
                let id = try await bench.submit(to: queue, folder: "a")
                try await time.sleep(for: .seconds(60))
                guard case .upstreamPaused(let until, let reason) = await queue.waitReason(of: id)
                else {
                    Issue.record("it waits for nothing")
                    return
                }
                #expect(until >= end)
                #expect(reason == "It was quota.")
                let parked = await bench.store.events.filter { $0.kind == .parked }
                #expect(parked.map(\.job) == [id])
                #expect(parked[0].principal == .service)
                #expect(parked[0].detail?.contains("2024-06-15T02:00 UTC. It was quota.") == true)
                let job = try await bench.job(id)
                let resumption = try await UpstreamPause.resumption(
                    of: job, at: time.now, in: bench.store)
                #expect(resumption.map { $0 >= end } == true)
                try await bench.act(.cancel, on: id)
                let later = try await bench.submit(to: queue, folder: "b")
                let isOver = try await bench.settled()
                #expect(isOver)
                #expect(try await bench.job(id).state == .cancelled)
                #expect(try await bench.job(later).state == .completed)
                #expect(await queue.waitReason(of: later) == nil)
            }
        }
    }

    @Test func `a verification can be cancelled, and a retry continues it`() async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time) { call in
                ScriptedDownloader.Step(
                    .published(.sample),
                    after: call.context.expectedSHA256 == nil ? .milliseconds(1) : .seconds(60))
            }
            try await bench.running { queue in
                let id = try await bench.submit(to: queue)
                let isOver = try await bench.settled()
                #expect(isOver)
                _ = try await bench.store.beginVerification(of: id, by: .service, at: time.now)
                queue.wake()
                try await time.sleep(for: .seconds(90))
                try await bench.act(.cancel, on: id)
                let job = try await bench.job(id)
                #expect(job.state == .cancelled)
                #expect(job.integrity.verifiedAt == nil)
                let states = await bench.states(of: id)
                #expect(states == [.ok: 2, .cancelled: 2], "\(states)")
                try await bench.act(.retry, on: id)
                let isOverAgain = try await bench.settled()
                #expect(isOverAgain)
                #expect(try await bench.job(id).state == .completed)
                let calls = await bench.upstream.calls
                #expect(calls.suffix(2).allSatisfy { $0.context.expectedSHA256 != nil })
            }
            #expect(await bench.store.violations.isEmpty)
        }
    }

    @Test(arguments: 0..<30) func `a job cancelled while the service stops stays cancelled`(
        moment: Int
    ) async throws {
        try await VirtualTime.run { time in
            var bench = Bench(time) { _ in
                ScriptedDownloader.Step(.published(.sample), after: .milliseconds(60))
            }
            bench.storeSpan = .milliseconds(10)
            let id = try await bench.running { queue in
                let id = try await bench.submit(to: queue)
                try await time.sleep(for: .milliseconds(200))
                async let stop: Void = queue.stop()
                try await time.sleep(for: .milliseconds(3 * moment))
                try await bench.act(.cancel, on: id)
                await stop
                return id
            }
            let after = Bench(time, store: bench.store)
            try await after.running { _ in
                try await time.sleep(for: .seconds(60))
                #expect(try await after.job(id).state == .cancelled)
                #expect(await after.upstream.calls.isEmpty)
            }
            #expect(await bench.store.violations.isEmpty)
        }
    }

    @Test(arguments: 0..<20) func `a job cancelled while the service starts does not run`(
        moment: Int
    ) async throws {
        try await VirtualTime.run { time in
            let store = InMemoryJobStore()
            let before = Bench(time, store: store) { _ in
                ScriptedDownloader.Step(.published(.sample), after: .seconds(3_600))
            }
            let id = try await before.running { queue in
                let id = try await before.submit(to: queue)
                try await time.sleep(for: .seconds(1))
                return id
            }
            var bench = Bench(time, store: store)
            bench.storeSpan = .milliseconds(10)
            try await bench.running { queue in
                try await time.sleep(for: .milliseconds(4 * moment))
                let eligibility = try await bench.act(.cancel, on: id)
                try await time.sleep(for: .seconds(60))
                let wanted: JobState = eligibility == .act ? .cancelled : .completed
                #expect(try await bench.job(id).state == wanted)
                let next = try await bench.submit(to: queue, folder: "b")
                let isOver = try await bench.settled()
                #expect(isOver)
                #expect(try await bench.job(next).state == .completed)
            }
            #expect(await store.violations.isEmpty)
        }
    }

    @Test func `a job that was never claimed has no run to stop`() async throws {
        try await VirtualTime.run { time in
            var bench = Bench(time) { _ in
                ScriptedDownloader.Step(.published(.sample), after: .seconds(10))
            }
            bench.limits = RuntimeLimits(defaults: ServiceLimits(runningJobs: 1))
            try await bench.running { queue in
                try await bench.submit(to: queue, folder: "a")
                let id = try await bench.submit(to: queue, folder: "b")
                try await time.sleep(for: .seconds(5))
                let begin = time.now
                try await bench.act(.cancel, on: id)
                #expect(time.now == begin)
                await queue.waitUntilStopped(JobID(99))
                let isOver = try await bench.settled()
                #expect(isOver)
                #expect(await bench.upstream.calls.allSatisfy { $0.folder == "a" })
            }
        }
    }
}
