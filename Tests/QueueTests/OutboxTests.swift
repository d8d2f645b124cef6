// How notifications are delivered: in order, with back-off, and without delaying a job.

import Datasets
import Jobs
import Logging
import Queue
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct OutboxTests {
    @Test func `delivers strictly in order, and waits for the one that failed`() async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time)
            await bench.channel.follow { notification in
                notification.id == 2 && notification.attempts < 3
                    ? .retry(after: nil, reason: "timeout") : .delivered
            }
            try await bench.running { queue in
                for _ in 0..<3 { try await bench.submit(to: queue) }
                let isOver = try await bench.settled()
                #expect(isOver)
                let delivered = await bench.channel.delivered.map(\.id)
                #expect(delivered == Array(1...6))
                let attempts = await bench.channel.attempts.map(\.id)
                #expect(attempts == [1, 2, 2, 2, 2, 3, 4, 5, 6])
            }
        }
    }

    @Test func `one user's flood is merged into few messages and delays another user's by one`()
        async throws
    {
        try await VirtualTime.run { time in
            let bench = Bench(time)
            try await bench.store.flood(28_940, of: "mallory", at: time.now)
            try await bench.store.flood(1, of: "zoe", at: time.now)
            try await bench.running { _ in
                let isOver = try await bench.settled()
                #expect(isOver)
            }
            let delivered = await bench.channel.delivered
            #expect(delivered.map(\.job.createdBy) == ["mallory", "zoe"])
            #expect(delivered.map { $0.merged?.count } == [28_940, nil])
            #expect(await bench.store.deliveries.count == 28_941)
        }
    }

    @Test func `one message for many is sent again as a whole where its end was not recorded`()
        async throws
    {
        try await VirtualTime.run { time in
            let before = Bench(time)
            try await before.store.flood(20, of: "mallory", at: time.now)
            // Delivered, and killed before that is on the disk.
            let crashed = await before.store.copy()
            try await before.running { _ in
                let isOver = try await before.settled()
                #expect(isOver)
            }
            let after = Bench(time, store: crashed)
            try await after.running { _ in
                let isOver = try await after.settled()
                #expect(isOver)
            }
            for bench in [before, after] {
                #expect(await bench.channel.delivered.map { $0.merged?.count } == [20])
            }
        }
    }

    @Test func `backs off from two seconds to five minutes, without a last attempt`() async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time)
            await bench.channel.follow(taking: .zero) { notification in
                notification.attempts < 12 ? .retry(after: nil, reason: "timeout") : .delivered
            }
            try await bench.running { queue in
                try await bench.submit(to: queue)
                let isOver = try await bench.settled()
                #expect(isOver)
                let first = await bench.channel.attempts.prefix { $0.id == 1 }
                let gaps = zip(first.dropFirst(), first).map { $0.at - $1.at }
                let seconds: [Int64] = [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300]
                #expect(gaps == seconds.map { .seconds($0) })
            }
        }
    }

    @Test func `waits exactly as long as the channel asks`() async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time)
            await bench.channel.follow(taking: .zero) { notification in
                notification.attempts == 0
                    ? .retry(after: .seconds(37), reason: "too many requests") : .delivered
            }
            try await bench.running { queue in
                try await bench.submit(to: queue)
                let isOver = try await bench.settled()
                #expect(isOver)
                let attempts = await bench.channel.attempts
                #expect(attempts[1].at - attempts[0].at == .seconds(37))
                #expect(attempts.map(\.id) == [1, 1, 2, 2])
            }
        }
    }

    @Test func `skips a refused notification, and logs the same reason once`() async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time)
            await bench.channel.follow { _ in .refused(reason: "Unauthorized") }
            try await bench.running { queue in
                for _ in 0..<3 { try await bench.submit(to: queue) }
                let isOver = try await bench.settled()
                #expect(isOver)
                #expect(await bench.channel.attempts.map(\.id) == Array(1...6))
                #expect(bench.log.texts(from: .error) == ["a notification was refused"])
                #expect(await bench.store.deliveries.count == 6)
            }
        }
    }

    @Test func `a channel that hangs delays no job`() async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time)
            await bench.channel.follow(taking: .seconds(86_400)) { _ in .delivered }
            try await bench.running { queue in
                let id = try await bench.submit(to: queue)
                let isOver = try await time.wait(atMost: .seconds(5)) {
                    try await bench.job(id).state == .completed
                }
                #expect(isOver)
                #expect(await bench.channel.delivered.isEmpty)
            }
            #expect(await bench.store.outbox.map(\.attempts) == [0, 0])
        }
    }

    @Test func `what was not delivered is delivered after a restart, in order`() async throws {
        try await VirtualTime.run { time in
            let before = Bench(time)
            await before.channel.follow { _ in .retry(after: .seconds(600), reason: "down") }
            try await before.running { queue in
                try await before.submit(to: queue)
                try await time.sleep(for: .seconds(60))
            }
            #expect(await before.store.outbox.count == 2)
            let after = Bench(time, store: before.store)
            try await after.running { _ in
                let isOver = try await after.settled()
                #expect(isOver)
                #expect(await after.channel.delivered.map(\.kind) == [.started, .completed])
                #expect(await after.channel.delivered.map(\.attempts) == [1, 0])
            }
        }
    }

    @Test func `a delivery in progress when the service stops is neither cancelled nor repeated`()
        async throws
    {
        try await VirtualTime.run { time in
            let before = Bench(time)
            await before.channel.follow(taking: .seconds(1)) { _ in .delivered }
            try await before.running { queue in
                try await before.submit(to: queue)
                let isUnderWay = try await time.wait(atMost: .seconds(5), step: .milliseconds(1)) {
                    await !before.channel.attempts.isEmpty
                }
                #expect(isUnderWay)
            }
            #expect(await before.channel.delivered.map(\.id) == [1])
            let after = Bench(time, store: before.store)
            try await after.running { _ in
                let isOver = try await after.settled()
                #expect(isOver)
                #expect(await after.channel.delivered.map(\.id) == [2])
            }
        }
    }

    @Test func `without a channel notifications are dropped without a log line`() async throws {
        try await VirtualTime.run { time in
            var bench = Bench(time)
            bench.hasChannel = false
            try await bench.running { [bench] queue in
                try await bench.submit(to: queue)
                let isOver = try await bench.settled()
                #expect(isOver)
            }
            #expect(await bench.store.deliveries.count == 2)
            #expect(bench.log.texts(from: .warning).isEmpty)
        }
    }

    @Test func `what was delivered is not delivered again because the disk was full`()
        async throws
    {
        try await VirtualTime.run { time in
            let store = InMemoryJobStore { operation, call in
                operation == "recordDelivery" && call < 8
            }
            let bench = Bench(time, store: store)
            try await bench.running { queue in
                try await bench.submit(to: queue)
                let isOver = try await bench.settled()
                #expect(isOver)
                #expect(await bench.channel.attempts.map(\.id) == [1, 2])
            }
        }
    }
}
