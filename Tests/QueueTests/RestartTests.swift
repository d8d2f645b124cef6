// After a restart, published files stay published, and work in progress goes on.

import Datasets
import Jobs
import Queue
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct RestartTests {
    @Test func `stop puts transfers back uncounted, and returns when no work is in progress`()
        async throws
    {
        try await VirtualTime.run { time in
            let bench = Bench(time) { call in
                ScriptedDownloader.Step(
                    .published(.sample),
                    after: call.file.day < day("2024-01-10") ? .seconds(1) : .seconds(3_600))
            }
            let id = try await bench.running { queue in
                let id = try await bench.submit(to: queue, from: "2024-01-02", to: "2024-01-31")
                try await time.sleep(for: .seconds(60))
                await queue.stop()
                #expect(await bench.upstream.inFlight == 0)
                let files = await bench.store.files[id] ?? []
                #expect(!files.contains { $0.state == .running })
                #expect(files.count { $0.state == .ok } == 8)
                #expect(files.allSatisfy { $0.attempts == ($0.state == .ok ? 1 : 0) })
                #expect(await bench.upstream.interruptions > 0)
                #expect(try await bench.job(id).state == .running)
                let asked = await bench.upstream.calls.count
                try await time.sleep(for: .seconds(86_400))
                #expect(await bench.upstream.calls.count == asked)
                return id
            }
            let next = Bench(time, store: bench.store)
            try await next.running { _ in
                let isOver = try await next.settled()
                #expect(isOver)
                #expect(try await next.job(id).state == .completed)
                #expect(await next.upstream.calls.count == 22)
                #expect(await next.upstream.calls.allSatisfy { $0.attempt == 1 })
            }
            #expect(await bench.store.violations.isEmpty)
        }
    }

    @Test func `transfers that end within the grace are recorded, the others put back uncounted`()
        async throws
    {
        try await VirtualTime.run { time in
            var bench = Bench(time) { call in
                ScriptedDownloader.Step(
                    .published(.sample),
                    after: call.file.day < day("2024-01-04") ? .seconds(8) : .seconds(60))
            }
            bench.settings.shutdownGrace = .seconds(10)
            try await bench.running { queue in
                let id = try await bench.submit(
                    to: queue, symbols: ["A"], from: "2024-01-03", to: "2024-01-05")
                _ = try await time.wait(step: .milliseconds(10)) {
                    await bench.upstream.calls.count == 2
                }
                let begin = time.now
                await queue.stop()
                #expect(time.now - begin >= .seconds(10))
                #expect(time.now - begin < .seconds(11))
                let files = await bench.store.files[id] ?? []
                #expect(
                    files.map(\.state).sorted { $0.rawValue < $1.rawValue } == [
                        .ok, .pending, .pending,
                    ])
                #expect(files.filter { $0.state == .pending }.allSatisfy { $0.attempts == 0 })
                #expect(await bench.upstream.calls.count == 2, "nothing more is claimed")
            }
        }
    }

    @Test func `a queue without transfers does not wait for the grace`() async throws {
        try await VirtualTime.run { time in
            var bench = Bench(time)
            bench.settings.shutdownGrace = .seconds(600)
            try await bench.running { queue in
                try await bench.submit(to: queue)
                _ = try await bench.settled()
                let begin = time.now
                await queue.stop()
                #expect(time.now - begin < .seconds(1))
            }
        }
    }

    @Test func `stopping an idle queue, twice, or one that never ran, returns`() async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time)
            try await bench.running { queue in
                await queue.stop()
                await queue.stop()
                queue.wake()
            }
            let outbox = NotificationOutbox(
                store: bench.store, channel: nil, clock: time, logger: silentLogger)
            let never = JobQueue(
                store: bench.store, downloader: bench.upstream, catalogue: FullCatalogue(),
                outbox: outbox, clock: time, settings: JobQueueSettings(), logger: silentLogger)
            await never.stop()
            await never.run()
            outbox.stop()
            await outbox.run()
            #expect(await bench.store.calls["claimJob"] ?? 0 <= 1)
        }
    }

    @Test func `cancelling the task stops the queue too`() async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time) { _ in
                ScriptedDownloader.Step(.published(.sample), after: .seconds(3_600))
            }
            let outbox = NotificationOutbox(
                store: bench.store, channel: nil, clock: time, logger: silentLogger)
            let queue = JobQueue(
                store: bench.store, downloader: bench.upstream, catalogue: FullCatalogue(),
                outbox: outbox, clock: time, settings: JobQueueSettings(), logger: silentLogger)
            let id = try await bench.submit()
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await queue.run() }
                group.addTask { try? await time.sleep(for: .seconds(60)) }
                await group.next()
                group.cancelAll()
            }
            #expect(await bench.upstream.inFlight == 0)
            #expect(await bench.states(of: id) == [.pending: 4])
        }
    }

    /// A crash at any moment: only the content of the store remains.
    @Test(arguments: 0..<60)
    func `after a crash all jobs go on, and no published file is requested again`(
        moment: Int
    ) async throws {
        try await VirtualTime.run { time in
            let script: @Sendable (ScriptedDownloader.Call) -> ScriptedDownloader.Step = { call in
                let isBusy = call.attempt == 1 && call.file.day.date.day.isMultiple(of: 5)
                return ScriptedDownloader.Step(
                    isBusy ? .retry(after: nil, failure("busy")) : .published(.sample),
                    after: .milliseconds(20 + call.file.day.date.day))
            }
            let before = Bench(time, script: script)
            let crashed = try await before.running { queue in
                for name in ["a", "b"] {
                    try await before.submit(
                        to: queue, from: "2024-01-02", to: "2024-01-31", folder: name)
                }
                try await time.sleep(for: .milliseconds(7 * moment))
                return await before.store.copy()
            }
            let published = await crashed.files.values.joined().filter { $0.state == .ok }
            let ended = await crashed.jobs.values.count { $0.state.isFinal }
            let after = Bench(time, store: crashed, script: script)
            try await after.running { _ in
                let isOver = try await after.settled()
                #expect(isOver)
                let jobs = await crashed.jobs.values
                #expect(jobs.count == 2)
                #expect(jobs.allSatisfy { $0.state == .completed })
                let again = await after.upstream.calls.filter { call in
                    published.contains { record in
                        record.file == call.file
                            && jobs.contains {
                                $0.id == record.job && $0.outputPath == call.folder
                            }
                    }
                }
                #expect(again.isEmpty)
                #expect(await crashed.violations.isEmpty)
                let news = await after.channel.delivered
                #expect((2 - ended...2).contains(news.count { $0.kind == .completed }))
            }
        }
    }
}
