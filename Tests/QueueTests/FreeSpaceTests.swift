// Free disk space: checked before a job starts and while transfers are in progress.

import Datasets
import Jobs
import Logging
import TestSupport
import Testing

@testable import Queue

@Suite(.timeLimit(.minutes(1)))
struct FreeSpaceTests {
    @Test func `a job waits for space before it starts, with one alert, and goes on by itself`()
        async throws
    {
        try await VirtualTime.run { time in
            let freeSpace = ScriptedFreeSpace(1_000)
            var bench = Bench(time)
            bench.settings.diskReserveBytes = 1 << 20
            bench.freeSpace = freeSpace
            try await bench.running { [bench] queue in
                let id = try await bench.submit(to: queue)
                try await time.sleep(for: .seconds(3_600))
                #expect(try await bench.job(id).state == .pending)
                #expect(await bench.upstream.calls.isEmpty)
                #expect(await bench.channel.alerts.map(\.kind) == [.diskLow])
                #expect(
                    await bench.channel.alerts.first?.text
                        == "The data folder's disk has 1000 bytes left, less than the reserve of "
                        + "1 MiB (DISK_RESERVE). Make room; downloads go on by themselves.")
                freeSpace.set(1 << 20)
                let begin = time.now
                let isOver = try await bench.settled()
                #expect(isOver)
                #expect(time.now - begin <= .seconds(10))
                #expect(try await bench.job(id).state == .completed)
                // The pause was long, so its end is announced.
                #expect(await bench.channel.alerts.map(\.isOver) == [false, true])
                #expect(await bench.store.facts == ["data_root": "marker1 /data sets"])
                #expect(bench.log.texts(from: .notice) == ["downloads pause", "downloads go on"])
            }
        }
    }

    @Test func `transfers are put back when the disk fills, and no attempt counts`() async throws {
        try await VirtualTime.run { time in
            let freeSpace = ScriptedFreeSpace(2_000)
            var bench = Bench(time) { _ in
                ScriptedDownloader.Step(.published(.sample), after: .seconds(60))
            }
            bench.settings.diskReserveBytes = 1_000
            bench.freeSpace = freeSpace
            try await bench.running { [bench] queue in
                let id = try await bench.submit(to: queue)
                try await time.sleep(for: .seconds(10))
                #expect(await bench.upstream.inFlight == 2)
                freeSpace.set(999)
                try await time.sleep(for: .seconds(6))
                #expect(await bench.upstream.inFlight == 0)
                #expect(await bench.upstream.interruptions == 2)
                #expect(await bench.states(of: id) == [.pending: 4])
                try await time.sleep(for: .seconds(600))
                #expect(await bench.upstream.calls.count == 2)
                freeSpace.set(nil)
                try await time.sleep(for: .seconds(600))
                #expect(await bench.upstream.calls.count == 2)
                freeSpace.set(1_000)
                let isOver = try await bench.settled()
                #expect(isOver)
                #expect(try await bench.job(id).state == .completed)
                #expect(await bench.store.files[id]?.allSatisfy { $0.attempts == 1 } == true)
                #expect(await bench.upstream.calls.count == 6)
                try await time.sleep(for: .seconds(60))
                // A folder that is gone is another one.
                let alerts = await bench.channel.alerts
                #expect(alerts.map(\.kind) == [.diskLow, .dataRootChanged, .dataRootChanged])
                #expect(alerts.map(\.isOver) == [false, false, true])
            }
            #expect(await bench.store.violations.isEmpty)
        }
    }

    @Test func `a restart while space is low repeats no alert, and one after that alerts again`()
        async throws
    {
        try await VirtualTime.run { time in
            let store = InMemoryJobStore()
            let freeSpace = ScriptedFreeSpace(10)
            var alerts: [Int] = []
            for restart in 0..<4 {
                var bench = Bench(time, store: store)
                bench.settings.diskReserveBytes = 1_000
                bench.freeSpace = freeSpace
                // The disk has space when the third process starts, and none for the fourth.
                freeSpace.set(restart == 2 ? 5_000 : 10)
                try await bench.running { [bench] queue in
                    try await bench.submit(to: queue)
                    try await time.sleep(for: .seconds(100))
                }
                alerts.append(await bench.channel.alerts.count)
            }
            #expect(alerts == [1, 0, 0, 1])
        }
    }

    @Test func `a file that the disk cannot take is postponed, and no attempt counts`()
        async throws
    {
        try await VirtualTime.run { time in
            let end = time.now + .seconds(100)
            let bench = Bench(time) { call in
                ScriptedDownloader.Step(
                    call.at < end
                        ? .awaitSpace(failure("disk_full")) : .published(.sample))
            }
            try await bench.running { queue in
                let id = try await bench.submit(to: queue)
                try await time.sleep(for: .seconds(50))
                #expect(await lacksSpace(queue, id))
                let isOver = try await bench.settled()
                #expect(isOver)
                #expect(try await bench.job(id).state == .completed)
                #expect(await bench.store.files[id]?.allSatisfy { $0.attempts == 1 } == true)
                #expect(await bench.channel.alerts.isEmpty)
            }
            #expect(await bench.store.violations.isEmpty)
        }
    }

    @Test
    func `a job whose folder cannot be written is tried seldom with a reason, and others go on`()
        async throws
    {
        try await VirtualTime.run { time in
            var bench = Bench(time) { call in
                let lack = DownloadOutcome.awaitSpace(failure("read_only"))
                return ScriptedDownloader.Step(
                    call.folder.hasSuffix("away") ? lack : .published(.sample))
            }
            bench.freeSpace = ScriptedFreeSpace(1 << 40)
            try await bench.running { [bench] queue in
                let id = try await bench.submit(to: queue, folder: "away")
                try await time.sleep(for: .seconds(595))
                // Twenty times the two files that a job begins with, of four.
                #expect(await bench.upstream.calls.count <= 40)
                let reason = failure("read_only").detail
                let problem = StorageProblem.folder(code: "not_writable", reason: reason)
                #expect(await queue.waitReason(of: id) == .storage(problem))
                #expect(await queue.waitReasons(of: [id]) == [id: .storage(problem)])
                #expect(await queue.obstacles() == [.storage(problem)])
                #expect(await bench.channel.alerts.isEmpty)
                let other = try await bench.submit(to: queue)
                let isOver = try await time.wait(atMost: .seconds(60), step: .seconds(1)) {
                    try await bench.job(other).state == .completed
                }
                #expect(isOver)
                #expect(try await bench.job(id).state == .running)
            }
            #expect(await bench.store.violations.isEmpty)
        }
    }

    @Test func `a file that fills the disk holds up its own job only`() async throws {
        try await VirtualTime.run { time in
            let freeSpace = ScriptedFreeSpace(2_000)
            var bench = Bench(time) { call in
                let isGreedy = call.folder.hasSuffix("greedy") && (freeSpace.free ?? 0) < 5_000
                return ScriptedDownloader.Step(
                    isGreedy ? .awaitSpace(failure("disk_full")) : .published(.sample))
            }
            bench.settings.diskReserveBytes = 1_000
            bench.freeSpace = freeSpace
            try await bench.running { [bench] queue in
                let greedy = try await bench.submit(to: queue, folder: "greedy")
                try await time.sleep(for: .seconds(60))
                #expect(await lacksSpace(queue, greedy))
                for _ in 0..<3 {
                    let other = try await bench.submit(to: queue)
                    let isOver = try await time.wait(atMost: .seconds(20), step: .seconds(1)) {
                        try await bench.job(other).state == .completed
                    }
                    #expect(isOver)
                    #expect(await queue.waitReason(of: other) == nil)
                }
                #expect(await lacksSpace(queue, greedy))
                #expect(try await bench.job(greedy).state == .running)
                #expect(await bench.channel.alerts.isEmpty)
                freeSpace.set(5_000)
                #expect(try await bench.settled())
                #expect(try await bench.job(greedy).state == .completed)
                #expect(await bench.store.files[greedy]?.allSatisfy { $0.attempts == 1 } == true)
            }
        }
    }

    @Test func `a disk below the reserve is noticed as soon as a file finds no space`()
        async throws
    {
        try await VirtualTime.run { time in
            let freeSpace = ScriptedFreeSpace(2_000)
            var bench = Bench(time) { _ in
                ScriptedDownloader.Step(.awaitSpace(failure("disk_full")), after: .seconds(2))
            }
            bench.settings.diskReserveBytes = 1_000
            bench.freeSpace = freeSpace
            try await bench.running { [bench] queue in
                let id = try await bench.submit(to: queue)
                try await time.sleep(for: .seconds(1))
                freeSpace.set(999)
                try await time.sleep(for: .seconds(2))
                let problem = StorageProblem.lowSpace(freeBytes: 999, reserveBytes: 1_000)
                #expect(await queue.waitReason(of: id) == .storage(problem))
            }
        }
    }

    @Test func `a full disk of one job's folder holds up no other job`() async throws {
        try await VirtualTime.run { time in
            let end = time.now + .seconds(100)
            var bench = Bench(time) { call in
                ScriptedDownloader.Step(
                    call.at < end
                        ? .awaitSpace(failure("disk_full")) : .published(.sample))
            }
            bench.settings.diskReserveBytes = 1_000
            bench.freeSpace = ScriptedFreeSpace(10_000)
            try await bench.running { [bench] queue in
                let id = try await bench.submit(to: queue)
                let isOver = try await bench.settled()
                #expect(isOver)
                #expect(try await bench.job(id).state == .completed)
                #expect(await bench.channel.alerts.isEmpty)
            }
        }
    }

    @Test func `without inodes a job waits, with a reason`() async throws {
        try await VirtualTime.run { time in
            let freeSpace = ScriptedFreeSpace(1 << 40)
            freeSpace.set(InodeCount(free: 3, total: 1_000))
            var bench = Bench(time)
            bench.freeSpace = freeSpace
            try await bench.running { [bench] queue in
                let id = try await bench.submit(to: queue)
                try await time.sleep(for: .seconds(60))
                #expect(try await bench.job(id).state == .pending)
                #expect(await queue.waitReason(of: id) == .storage(.lowInodes(free: 3)))
                #expect(await queue.obstacles() == [.storage(.lowInodes(free: 3))])
                #expect(await bench.channel.alerts.map(\.kind) == [.inodesLow])
                freeSpace.set(InodeCount(free: 900, total: 1_000))
                #expect(try await bench.settled())
            }
        }
    }
}

private func lacksSpace(_ queue: JobQueue, _ id: JobID) async -> Bool {
    guard case .storage(let problem) = await queue.waitReason(of: id) else { return false }
    return problem.code == "disk_low"
}
