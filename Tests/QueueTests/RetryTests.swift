// When files are tried again, and when not.

import Datasets
import Jobs
import TestSupport
import Testing

@testable import Queue

@Suite(.timeLimit(.minutes(1)))
struct RetryTests {
    @Test func `waits twice as long each time, up to two minutes, and gives up at twelve`() {
        let policy = RetryPolicy()
        let waits = (1...12).map { policy.wait(after: $0, jitter: 0) }
        let seconds: [Int64] = [2, 4, 8, 16, 32, 64, 120, 120, 120, 120, 120]
        #expect(waits == seconds.map { .seconds($0) } + [nil])
    }

    @Test func `what the upstream asks for is a minimum`() {
        let policy = RetryPolicy()
        #expect(policy.wait(after: 1, atLeast: .seconds(60), jitter: 0) == .seconds(60))
        #expect(policy.wait(after: 1, atLeast: .seconds(1), jitter: 0) == .seconds(2))
        #expect(policy.wait(after: 9, atLeast: .seconds(893), jitter: 0) == .seconds(893))
    }

    @Test func `jitter adds a quarter at most, and never takes away`() {
        let policy = RetryPolicy()
        #expect(policy.wait(after: 3, jitter: 1) == .seconds(10))
        #expect(policy.wait(after: 3, jitter: 0.5) == .seconds(9))
        #expect(policy.wait(after: 11, jitter: 1) == .seconds(150))
    }

    @Test func `no number of attempts overflows`() {
        let policy = RetryPolicy(base: .seconds(2), ceiling: .seconds(1 << 40), attemptsMax: .max)
        #expect(policy.backOff(after: 1_000_000) == .seconds(1 << 40))
        #expect(policy.backOff(after: 0) == .seconds(2))
        #expect(RetryPolicy(base: .zero).backOff(after: 9) == .zero)
    }

    @Test func `waits end when their sum reaches the limit, for any base`() {
        func waits(_ base: Duration, attemptsMax: Int = 12) -> [Duration] {
            RetryPolicy(base: base, attemptsMax: attemptsMax).waits(until: .seconds(60))
        }
        #expect(waits(.seconds(2)) == [2, 4, 8, 16, 32].map { .seconds($0) })
        #expect(waits(.seconds(2), attemptsMax: 1).count == 5, "it is no attempt at a file")
        #expect(waits(.seconds(30)) == [.seconds(30), .seconds(60)])
        #expect(waits(.seconds(3_600)) == [.seconds(60)])
        #expect(waits(.zero) == [])
    }

    @Test func `tries a file at exactly the moments of the table`() async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time) { _ in
                ScriptedDownloader.Step(.retry(after: nil, failure("busy")), after: .seconds(1))
            }
            try await bench.running { queue in
                let id = try await bench.submit(to: queue, from: "2024-01-02", to: "2024-01-02")
                let isOver = try await bench.settled()
                #expect(isOver)
                let calls = await bench.upstream.calls
                let gaps = zip(calls.dropFirst(), calls).map { $0.at - $1.at - .seconds(1) }
                let seconds: [Int64] = [2, 4, 8, 16, 32, 64, 120, 120, 120, 120, 120]
                #expect(gaps == seconds.map { .seconds($0) })
                #expect(calls.map(\.attempt) == Array(1...12))
                let job = try await bench.job(id)
                #expect(job.state == .failed)
                #expect(
                    job.errorMessage
                        == "1 of 1 file failed. binance_trades_2024-01-02_BTCUSDT.csv.gz: "
                        + "It was busy. Given up after 12 attempts.")
                #expect(await bench.store.files[id]?.map(\.attempts) == [12])
            }
        }
    }

    @Test func `waits as long as the upstream asks, with the jitter on top`() async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time) { call in
                let outcome: DownloadOutcome =
                    call.attempt == 1
                    ? .retry(after: .seconds(893), failure("locked")) : .published(.sample)
                return ScriptedDownloader.Step(outcome, after: .zero)
            }
            try await bench.running(jitter: 1) { queue in
                let id = try await bench.submit(to: queue, from: "2024-01-02", to: "2024-01-02")
                let isOver = try await bench.settled()
                #expect(isOver)
                let calls = await bench.upstream.calls
                #expect(calls.count == 2)
                #expect(calls[1].at - calls[0].at == .milliseconds(893_000 * 5 / 4))
                #expect(try await bench.job(id).state == .completed)
                #expect(await bench.store.files[id]?.map(\.attempts) == [2])
            }
        }
    }

    @Test func `other files go on while one waits`() async throws {
        try await VirtualTime.run { time in
            var bench = Bench(time) { call in
                let isSlow = call.file.day == day("2024-01-05") && call.attempt < 6
                return ScriptedDownloader.Step(
                    isSlow ? .retry(after: nil, failure("busy")) : .published(.sample))
            }
            bench.limits = RuntimeLimits(defaults: ServiceLimits(transfers: 1))
            try await bench.running { [bench] queue in
                let id = try await bench.submit(to: queue)
                let begin = time.now
                _ = try await time.wait(step: .milliseconds(10)) {
                    await bench.states(of: id)[.ok] == 3
                }
                #expect(time.now - begin < .seconds(1))
                let isOver = try await bench.settled()
                #expect(isOver)
                #expect(try await bench.job(id).state == .completed)
            }
        }
    }

    @Test(arguments: [-864_000, -3_600, 3_600])
    func `a clock that is set delays nothing by more than one wait`(seconds: Int) async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time) { call in
                ScriptedDownloader.Step(
                    call.attempt < 4 ? .retry(after: nil, failure("busy")) : .published(.sample))
            }
            try await bench.running { queue in
                let id = try await bench.submit(to: queue)
                try await time.sleep(for: .seconds(3))
                time.jump(by: .seconds(seconds))
                let begin = time.now
                let isOver = try await bench.settled()
                #expect(isOver)
                #expect(try await bench.job(id).state == .completed)
                #expect(time.now - begin < .seconds(30))
            }
        }
    }

    @Test func `a failure for good is not tried again`() async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time) { _ in ScriptedDownloader.Step(.failed(failure("wrong"))) }
            try await bench.running { queue in
                let id = try await bench.submit(to: queue)
                let isOver = try await bench.settled()
                #expect(isOver)
                #expect(await bench.upstream.calls.count == 4)
                #expect(
                    try await bench.job(id).errorMessage
                        == "4 of 4 files failed. binance_trades_2024-01-05_BTCUSDT.csv.gz, "
                        + "binance_trades_2024-01-02_BTCUSDT.csv.gz, "
                        + "binance_trades_2024-01-03_BTCUSDT.csv.gz, "
                        + "binance_trades_2024-01-04_BTCUSDT.csv.gz: It was wrong.")
            }
        }
    }
}
