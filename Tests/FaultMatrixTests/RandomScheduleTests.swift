// Random schedules of faults, and what must hold after each of them.
//
// FAULT_SCHEDULES=1000 runs so many, FAULT_SEED=17 only that one.

import Datasets
import Glibc
import Jobs
import Queue
import Tardis
import TestSupport
import Testing

@testable import tardis_sandbox

@Suite(.timeLimit(.minutes(10)))
struct RandomScheduleTests {
    private static let seeds: [UInt64] = {
        if let text = getenv("FAULT_SEED"), let seed = UInt64(String(cString: text)) {
            return [seed]
        }
        let count = getenv("FAULT_SCHEDULES").flatMap { UInt64(String(cString: $0)) } ?? 100
        return Array(1...count)
    }()

    /// Free and paid days.
    private static let days = ["2024-02-01", "2024-02-02", "2024-02-03"]
    private static let symbols = ["BTCUSDT", "ETHUSDT"]

    @Test(arguments: seeds)
    func `no schedule brings a wrong byte, a gap, or a request after a final answer`(
        seed: UInt64
    ) async throws {
        var random = RandomFaults(seed: seed)
        var rules: [FaultRule] = []
        for day in Self.days {
            for symbol in Self.symbols {
                let pattern = "*\(day.replacing("-", with: "/"))/\(symbol)*"
                rules += random.rules(for: pattern)
            }
        }
        let (transfers, attempts) = (random.number(1...6), random.number(3...8))
        let restarts = (0..<random.number(0...2)).map { _ in random.number(0...90) }
        try await VirtualTime.run { [rules] time in
            var bench = try FaultBench(time, faults: rules, rows: 60)
            bench.tardis.stallTimeout = .seconds(3)
            bench.limits = RuntimeLimits(defaults: ServiceLimits(transfers: transfers))
            bench.queue.retry.attemptsMax = attempts
            let (job, files) = try await run(bench, restarts: restarts)
            try await check(bench, job, files)
        }
    }

    /// Runs one job, with restarts after so many seconds.
    private func run(
        _ bench: FaultBench, restarts: [Int]
    ) async throws -> (Job, [FileRecord]) {
        var id: JobID?
        for span in restarts {
            id = try await bench.running { [id] queue, store in
                let present = try await self.job(id, bench, queue, store)
                try await bench.time.sleep(for: .seconds(span))
                return present
            }
        }
        return try await bench.running { [id] queue, store in
            let present = try await self.job(id, bench, queue, store)
            return try await bench.end(of: present, in: store)
        }
    }

    private func job(
        _ id: JobID?, _ bench: FaultBench, _ queue: JobQueue, _ store: any ServiceStore
    ) async throws -> JobID {
        if let id { return id }
        return try await bench.submit(
            to: queue, store, symbols: Self.symbols, from: Self.days[0],
            to: Self.days[Self.days.count - 1])
    }

    private func check(_ bench: FaultBench, _ job: Job, _ files: [FileRecord]) async throws {
        #expect(files.count == Self.days.count * Self.symbols.count)
        #expect(job.state == (files.allSatisfy { $0.state.isGood } ? .completed : .failed))
        #expect((job.errorMessage == nil) == (job.state == .completed))
        let log =
            bench.upstream.requests(to: .upstream) + bench.upstream.requests(to: .storage)
        var published: [String] = []
        for record in files {
            let path = record.file.day.description.replacing("-", with: "/")
            let asked = log.filter { $0.path.hasSuffix("\(path)/\(record.file.symbol).csv.gz") }
            // Every file ends in a state of its own, with a reason where it was not had.
            #expect(record.state == .ok || record.state == .failed)
            #expect((record.failure == nil) == (record.state == .ok))
            if record.state == .ok {
                published.append(record.file.name)
                let truth = try await bench.upstream.truth(record.file)
                let isTrue = readFile("\(bench.root)/\(record.file.name)") == truth
                #expect(isTrue, "\(record.file.name) is wrong")
                #expect(asked.contains { $0.status == 200 })
            } else {
                // No gap where the file was to be had: it was not sent truly, not once.
                let wasHad = asked.contains { $0.status == 200 && !$0.isFaulty }
                #expect(!wasHad, "\(record.file.name): \(record.failure?.detail ?? "")")
            }
            let upstream = asked.filter { $0.listener == "upstream" }
            for (index, entry) in upstream.enumerated() where Self.isFinal(entry) {
                #expect(index == upstream.count - 1, "asked again after \(entry.status)")
            }
        }
        #expect(TemporaryFolder.tree(bench.root) == published.sorted())
    }

    /// Whether no request may follow, whatever the body says: the key was refused. Other refusals
    /// may ask to come back, and a response that is not of Tardis is no verdict.
    private static func isFinal(_ entry: LoggedRequest) -> Bool {
        entry.status == 401
    }
}
