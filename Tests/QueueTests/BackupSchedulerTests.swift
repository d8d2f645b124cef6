// When backups are made, and the alert when one fails.

import Datasets
import Jobs
import TestSupport
import Testing

@testable import Queue

@Suite(.timeLimit(.minutes(1)))
struct BackupSchedulerTests {
    private actor Copies: BackupStore {
        private(set) var made: [Timestamp]
        private(set) var tries: [Timestamp] = []
        private var isBroken = false

        init(_ made: [Timestamp] = []) { self.made = made }

        func setBroken(_ value: Bool) { isBroken = value }

        func newest(at now: Timestamp) -> Timestamp? { made.last }

        func backUp(at now: Timestamp, keeping count: Int) throws -> String {
            tries.append(now)
            if isBroken { throw JobError.storeFailed("The disk is full.") }
            made.append(now)
            return "copy"
        }
    }

    private func running(
        _ time: VirtualTime, _ copies: Copies, interval: Duration = .seconds(86_400),
        _ body: (RecordingChannel) async throws -> Void
    ) async throws {
        let channel = RecordingChannel(clock: time)
        let outbox = NotificationOutbox(
            store: InMemoryJobStore(), channel: channel, clock: time, logger: silentLogger)
        let keeper = BackupScheduler(
            backups: copies, outbox: outbox, interval: interval, keep: 7, clock: time,
            logger: silentLogger)
        async let backups: Void = keeper.run()
        async let news: Void = outbox.run()
        try await body(channel)
        keeper.stop()
        outbox.stop()
        _ = await (backups, news)
    }

    @Test func `makes a backup after the start if the newest is too old, then every day`()
        async throws
    {
        try await VirtualTime.run { time in
            let copies = Copies()
            try await running(time, copies) { channel in
                try await time.sleep(for: .seconds(5))
                #expect(await copies.tries.isEmpty)
                try await time.sleep(for: .seconds(5 * 86_400 + 60))
                let made = await copies.made
                #expect(made.count == 6)
                let gaps = zip(made, made.dropFirst()).map { $1 - $0 }
                #expect(gaps.allSatisfy { $0 >= .seconds(86_400) && $0 < .seconds(86_460) })
                #expect(await channel.alerts.isEmpty)
            }
        }
    }

    @Test func `a restart makes no backup before it is due`() async throws {
        try await VirtualTime.run { time in
            let copies = Copies([time.now + .seconds(-3_600)])
            for _ in 0..<5 {
                try await running(time, copies) { _ in try await time.sleep(for: .seconds(600)) }
            }
            #expect(await copies.made.count == 1)
            try await running(time, copies) { _ in try await time.sleep(for: .seconds(86_400)) }
            #expect(await copies.made.count == 2)
        }
    }

    @Test func `a failure is alerted once, tried again, and alerted again after a success`()
        async throws
    {
        try await VirtualTime.run { time in
            let copies = Copies()
            try await running(time, copies) { channel in
                await copies.setBroken(true)
                try await time.sleep(for: .seconds(7_300))
                #expect(await copies.tries.count >= 4)
                #expect(await channel.alerts.map(\.kind) == [.backupFailed])
                #expect(await channel.alerts.first?.text.contains("The disk is full.") == true)
                await copies.setBroken(false)
                try await time.sleep(for: .seconds(3_600))
                #expect(await copies.made.count == 1)
                await copies.setBroken(true)
                try await time.sleep(for: .seconds(90_000))
                #expect(await channel.alerts.count == 2)
            }
        }
    }

    @Test func `a clock that is set back causes one more backup, not a series`() async throws {
        try await VirtualTime.run { time in
            let copies = Copies([time.now + .seconds(864_000)])
            try await running(time, copies) { _ in
                try await time.sleep(for: .seconds(3 * 86_400))
            }
            #expect(await copies.made.count == 4)
        }
    }

    @Test func `an interval of zero makes no backups`() async throws {
        try await VirtualTime.run { time in
            let copies = Copies()
            try await running(time, copies, interval: .zero) { _ in
                try await time.sleep(for: .seconds(864_000))
            }
            #expect(await copies.tries.isEmpty)
        }
    }
}
