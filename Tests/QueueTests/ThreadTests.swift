// The same pieces on real threads and a real clock, where tasks do run at the same time.

import Datasets
import Jobs
import TestSupport
import Testing

@testable import Queue

@Suite(.timeLimit(.minutes(1)))
struct ThreadTests {
    @Test func `jobs run to their end`() async throws {
        let store = InMemoryJobStore()
        let upstream = ScriptedDownloader(clock: RealTime()) { _ in
            ScriptedDownloader.Step(.published(.sample), after: .microseconds(50))
        }
        let outbox = NotificationOutbox(
            store: store, channel: nil, clock: RealTime(), logger: silentLogger)
        let queue = JobQueue(
            store: store, downloader: upstream, catalogue: FullCatalogue(), outbox: outbox,
            limits: RuntimeLimits(defaults: ServiceLimits(transfers: 8)), clock: RealTime(),
            settings: JobQueueSettings(), logger: silentLogger)
        async let queueRun: Void = queue.run()
        async let outboxRun: Void = outbox.run()
        for number in 0..<8 {
            let request = DownloadRequest(
                exchange: "binance", dataTypes: [.trades], symbols: ["A"],
                days: day("2024-01-02")...day("2024-02-20"), outputPath: "\(number)",
                createdBy: "intern")
            queue.wake(for: try await store.insert(request, at: RealTime().now))
        }
        let haveEnded = await eventually(within: .seconds(60)) {
            await store.jobs.values.allSatisfy { $0.state.isFinal }
        }
        #expect(haveEnded)
        await queue.stop()
        outbox.stop()
        _ = await (queueRun, outboxRun)
        #expect(await store.jobs.values.allSatisfy { $0.state == .completed })
        #expect(await upstream.calls.count == 8 * 50)
        #expect(await upstream.inFlightMax <= 16)
        #expect(await store.violations.isEmpty)
    }
}

/// Time as it passes; its moments begin at an arbitrary one.
private struct RealTime: Timekeeping {
    private static let start = ContinuousClock.now

    var now: Timestamp {
        day("2024-06-15").start + (ContinuousClock.now - RealTime.start)
    }

    func sleep(for duration: Duration) async throws {
        try await Task.sleep(for: duration)
    }
}
