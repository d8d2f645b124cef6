// Jobs that people stop, at every moment of their lives: nothing is under way afterwards, nothing
// illegal is recorded, and what was called off can be had again.

import Datasets
import Jobs
import Logging
import Queue
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct StopRequestTests {
    /// So that every store call and every transfer is met before, in and after it: a job of this
    /// bench takes about a second.
    private static let moments = 0..<110
    private static let step = Duration.milliseconds(9)

    private func bench(_ time: VirtualTime) -> Bench {
        var bench = Bench(time) { _ in
            ScriptedDownloader.Step(.published(.sample), after: .milliseconds(60))
        }
        bench.storeSpan = .milliseconds(10)
        bench.limits = RuntimeLimits(defaults: ServiceLimits(transfers: 2, runningJobs: 1))
        return bench
    }

    @Test(arguments: moments)
    func `a job can be cancelled at any moment, and retried`(moment: Int) async throws {
        try await VirtualTime.run { time in
            let bench = bench(time)
            try await bench.running { queue in
                let id = try await bench.submit(to: queue, folder: "a")
                let next = try await bench.submit(to: queue, folder: "b")
                try await time.sleep(for: StopRequestTests.step * moment)
                let begin = time.now
                let eligibility = try await bench.act(.cancel, on: id)
                #expect(time.now - begin < .seconds(1))
                #expect(await bench.upstream.inFlightByFolder["a", default: 0] == 0)
                let asked = await bench.upstream.calls.count { $0.folder == "a" }
                if eligibility == .act { try await checkCancelled(id, bench) }

                let isOver = try await bench.settled()
                #expect(isOver)
                #expect(try await bench.job(next).state == .completed)
                #expect(await bench.upstream.calls.count { $0.folder == "a" } == asked)
                let wanted: JobState = eligibility == .act ? .cancelled : .completed
                #expect(try await bench.job(id).state == wanted)
                let done = await bench.states(of: id)[.ok] ?? 0

                try await bench.act(.retry, on: id)
                let isOverAgain = try await bench.settled()
                #expect(isOverAgain)
                #expect(try await bench.job(id).state == .completed)
                #expect(await bench.states(of: id) == [.ok: 4])
                let again = await bench.upstream.calls.count { $0.folder == "a" } - asked
                #expect(again == 4 - done, "proven files stay")
            }
            let kinds = await bench.channel.delivered.filter { $0.job.id == JobID(1) }.map(\.kind)
            #expect(kinds.count { $0 == .cancelled } <= 1)
            #expect(kinds.last == .completed)
            #expect(await bench.store.violations.isEmpty)
            #expect(bench.log.texts(from: .error).isEmpty)
        }
    }

    private func checkCancelled(_ id: JobID, _ bench: Bench) async throws {
        let job = try await bench.job(id)
        #expect(job.state == .cancelled)
        #expect(job.completedAt != nil)
        let states = await bench.states(of: id)
        #expect(states.keys.allSatisfy { $0 == .ok || $0 == .cancelled })
        if job.progress.isPlanned {
            #expect(job.progress.filesDone == states[.ok] ?? 0)
            #expect(job.progress.filesCancelled == states[.cancelled] ?? 0)
        }
    }

    @Test(arguments: moments)
    func `a job can be paused at any moment, and goes on when it is resumed`(
        moment: Int
    ) async throws {
        try await VirtualTime.run { time in
            let bench = bench(time)
            try await bench.running { queue in
                let id = try await bench.submit(to: queue, folder: "a")
                try await time.sleep(for: StopRequestTests.step * moment)
                let eligibility = try await bench.act(.pause, on: id)
                let started = try await bench.job(id).startedAt
                #expect(await bench.upstream.inFlight == 0)
                let asked = await bench.upstream.calls.count
                let next = try await bench.submit(to: queue, folder: "b")
                let isNextOver = try await time.wait(atMost: .seconds(600)) {
                    try await bench.job(next).state == .completed
                }
                #expect(isNextOver, "its place is free")
                #expect(await bench.upstream.calls.count == asked + 4)
                if case .refuse = eligibility {
                    #expect(try await bench.job(id).state == .completed)
                    return
                }
                #expect(try await bench.job(id).state == .pending)
                #expect(try await bench.job(id).control.isPaused)
                try await bench.act(.resume, on: id)
                let isOver = try await bench.settled()
                #expect(isOver)
                let job = try await bench.job(id)
                #expect(job.state == .completed)
                if let started { #expect(job.startedAt == started) }
                #expect(await bench.store.files[id]?.allSatisfy { $0.attempts == 1 } == true)
            }
            let kinds = await bench.channel.delivered.filter { $0.job.id == JobID(1) }.map(\.kind)
            #expect(kinds == [.started, .completed])
            #expect(await bench.store.violations.isEmpty)
        }
    }

    @Test(arguments: 0..<40)
    func `random commands in random order leave every job in the right state`(
        seed: Int
    ) async throws {
        try await VirtualTime.run { time in
            let bench = bench(time)
            try await bench.running { queue in
                var ids: [JobID] = []
                for folder in ["a", "b", "c"] {
                    ids.append(try await bench.submit(to: queue, folder: folder))
                }
                let jobs = ids
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for person in 0..<4 {
                        group.addTask {
                            var random = SeededGenerator(seed: UInt64(seed * 10 + person))
                            for _ in 0..<40 {
                                let actions: [JobAction] = [.cancel, .retry, .pause, .resume]
                                guard let id = jobs.randomElement(using: &random),
                                    let action = actions.randomElement(using: &random)
                                else { return }
                                try await bench.act(action, on: id)
                                let wait = Int.random(in: 0..<120, using: &random)
                                try await time.sleep(for: .milliseconds(wait))
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                for id in ids {
                    try await bench.act(.resume, on: id)
                    try await bench.act(.retry, on: id)
                }
                let isOver = try await bench.settled()
                #expect(isOver, "no job is lost")
                for id in ids { #expect(try await bench.job(id).state == .completed) }
            }
            #expect(await bench.upstream.inFlightMax <= 3)
            #expect(await bench.store.violations.isEmpty)
            #expect(bench.log.texts(from: .error).isEmpty)
        }
    }
}
