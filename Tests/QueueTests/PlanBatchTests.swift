// Large plans are saved in batches, and files are fetched meanwhile.

import Datasets
import Jobs
import Queue
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5)))
struct PlanBatchTests {
    @Test func `the first files are fetched before the plan is whole, and the job ends after it`()
        async throws
    {
        try await VirtualTime.run { time in
            // A store that refuses the second piece for a while.
            let store = InMemoryJobStore { operation, call in
                operation == "keep" && (2...4).contains(call)
            }
            let bench = Bench(time, store: store)
            try await bench.running { [bench] queue in
                let id = try await bench.submit(files: 1_000, to: queue, user: "ann")
                let hasFetched = try await time.wait(atMost: .seconds(3), step: .milliseconds(1)) {
                    await bench.states(of: id)[.ok] == 256
                }
                #expect(hasFetched)
                let job = try await bench.job(id)
                #expect(job.state == .running)
                #expect(!job.progress.isPlanned)
                #expect(job.progress.filesTotal == 1_000)
                #expect(try await bench.settled())
                #expect(try await bench.job(id).state == .completed)
                #expect(await bench.states(of: id) == [.ok: 1_000])
                #expect(await bench.store.violations == [])
            }
        }
    }

    /// What the store has at any moment of planning is what a crash would leave.
    @Test(arguments: [0, 1, 2]) func `a plan that a crash interrupted is completed, once`(
        kept: Int
    ) async throws {
        try await VirtualTime.run { time in
            let store = InMemoryJobStore { operation, call in
                operation == "keep" && call > kept
            }
            let before = Bench(time, store: store)
            let (id, crashed) = try await before.running { queue in
                let id = try await before.submit(files: 4_800, to: queue, user: "ann")
                try await time.sleep(for: .seconds(3))
                return (id, await before.store.copy())
            }
            let files = await crashed.files[id]?.count ?? 0
            #expect(files == [0, 256, 4_352][kept])
            let after = Bench(time, store: crashed)
            try await after.running { _ in
                let isOver = try await after.settled()
                #expect(isOver)
                let job = try await after.job(id)
                #expect(job.state == .completed)
                #expect(job.progress.filesTotal == 4_800)
                let records = await crashed.files[id, default: []]
                #expect(records.map(\.position) == Array(0..<4_800))
                #expect(Set(records.map(\.file)).count == 4_800)
                #expect(await crashed.violations == [])
            }
        }
    }

    @Test func `a refused key ends a large job after its plan, with all its files`() async throws {
        try await VirtualTime.run { time in
            let store = InMemoryJobStore { operation, call in
                operation == "keep" && (2...4).contains(call)
            }
            let bench = Bench(time, store: store) { _ in
                ScriptedDownloader.Step(.stopJob(failure("api_key_refused")))
            }
            try await bench.running { [bench] queue in
                let id = try await bench.submit(files: 1_000, to: queue, user: "ann")
                #expect(try await bench.settled())
                #expect(try await bench.job(id).state == .failed)
                #expect(await bench.states(of: id) == [.failed: 1_000])
                #expect(await bench.upstream.calls.count <= 2)
            }
        }
    }

    @Test func `a job whose catalogue is gone fails with its files`() async throws {
        try await VirtualTime.run { time in
            let store = InMemoryJobStore { operation, call in operation == "keep" && call > 1 }
            let before = Bench(time, store: store) { _ in
                ScriptedDownloader.Step(.published(.sample), after: .seconds(60))
            }
            let (id, crashed) = try await before.running { queue in
                let id = try await before.submit(files: 4_800, to: queue, user: "ann")
                try await time.sleep(for: .seconds(3))
                return (id, await before.store.copy())
            }
            var after = Bench(time, store: crashed)
            after.catalogue = FixedCatalogue(
                answer: .failure(.unknownExchange(known: ["deribit"])))
            try await after.running { [after] _ in
                let isOver = try await after.settled()
                #expect(isOver)
                #expect(try await after.job(id).state == .failed)
                #expect(await after.states(of: id) == [.failed: 256])
            }
        }
    }
}
