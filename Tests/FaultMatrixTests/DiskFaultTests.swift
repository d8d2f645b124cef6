// What the disk and the folder may do to a job: nothing but the file ever stands under its name.

import Datasets
import Glibc
import Jobs
import Queue
import TestSupport
import Testing

@testable import tardis_sandbox

@Suite(.timeLimit(.minutes(1)))
struct DiskFaultTests {
    private static let name = "binance_trades_2024-01-01_BTCUSDT.csv.gz"
    private static var isRoot: Bool { getuid() == 0 }
    private static let chattr = "/usr/bin/chattr"

    /// A job of one file into the folder `out` below the data root.
    private func outcome(
        _ bench: inout FaultBench
    ) async throws -> (job: Job, file: FileRecord) {
        bench.outputPath = "out"
        let bench = bench
        return try await bench.running { queue, store in
            let id = try await bench.submit(to: queue, store, from: "2024-01-01")
            let (job, files) = try await bench.end(of: id, in: store)
            return (job, try #require(files.first))
        }
    }

    private func isTrue(_ bench: FaultBench) async throws -> Bool {
        let file = DatasetFile(
            exchange: "binance", dataType: .trades, day: day("2024-01-01"), symbol: "BTCUSDT")
        return try await readFile("\(bench.root)/out/\(Self.name)") == bench.upstream.truth(file)
    }

    /// Makes the folder that the job's files go to.
    private func makeFolder(_ bench: FaultBench) -> String {
        mkdir(bench.root, 0o755)
        mkdir("\(bench.root)/out", 0o755)
        return "\(bench.root)/out"
    }

    @Test(.enabled(if: isRoot, "mounting needs root"), arguments: [true, false])
    func `a full disk is retried later, and no part stays on it`(isFullAtOnce: Bool) async throws {
        try await VirtualTime.run { time in
            var bench = try FaultBench(time, rows: 10_000)
            let folder = makeFolder(bench)
            guard mount("tmpfs", folder, "tmpfs", 0, "size=64k") == 0 else { return }
            defer { umount(folder) }
            let ballast = isFullAtOnce ? [UInt8](repeating: 1, count: 64 << 10) : []
            writeFile(ballast, to: "\(folder)/ballast")
            bench.outputPath = "out"
            let final = bench
            try await bench.running { queue, store in
                let id = try await final.submit(to: queue, store, from: "2024-01-01")
                try await time.sleep(for: .seconds(315))
                let record = try #require(
                    try await store.files(
                        of: id, in: nil, limit: 1, offset: 0
                    ).first)
                #expect(record.attempts == 0)
                #expect([.pending, .running].contains(record.state))
                #expect(try await store.job(id)?.state == .running)
                guard case .storage(let problem) = await queue.waitReason(of: id) else {
                    Issue.record("the job does not say that the disk is full")
                    return
                }
                #expect(problem.code == "disk_low")
                #expect(problem.summary.contains(folder), "\(problem.summary)")
                #expect(await queue.obstacles() == [.storage(problem)])
                #expect(TemporaryFolder.tree(folder) == ["ballast"])
            }
            let summaries = Set(bench.attempts.entries.map(\.outcome.summary))
            #expect(summaries == ["await space disk_full"])
        }
    }

    @Test(.enabled(if: isRoot, "mounting needs root"))
    func `a file that is too large for the disk holds up no other`() async throws {
        try await VirtualTime.run { time in
            let row = "binance,ETHUSDT,1704067200000000,1704067200000000,1,buy,1,1\n"
            let csv = DataType.trades.columns.joined(separator: ",") + "\n" + row
            let small = FaultRule(
                "*/ETHUSDT*", times: nil, fault: Fault(content: ContentFault(csv: csv)))
            var bench = try FaultBench(time, faults: [small], rows: 10_000)
            let folder = makeFolder(bench)
            guard mount("tmpfs", folder, "tmpfs", 0, "size=64k") == 0 else { return }
            defer { umount(folder) }
            bench.outputPath = "out"
            let final = bench
            try await bench.running { queue, store in
                let large = try await final.submit(to: queue, store, from: "2024-01-01")
                try await time.sleep(for: .seconds(40))
                let begin = time.now
                let other = try await final.submit(
                    to: queue, store, symbols: ["ETHUSDT"], from: "2024-01-01")
                let (job, _) = try await final.end(of: other, in: store)
                #expect(job.state == .completed)
                #expect(time.now - begin < .seconds(30))
                #expect(try await store.job(large)?.state == .running)
                #expect(final.upstream.requests(to: .upstream).count == 2)
            }
        }
    }

    @Test(.enabled(if: isRoot, "mounting needs root"))
    func `free disk space is used as soon as there is some`() async throws {
        try await VirtualTime.run { time in
            var bench = try FaultBench(time)
            bench.outputPath = "out"
            let folder = makeFolder(bench)
            guard mount("tmpfs", folder, "tmpfs", 0, "size=64k") == 0 else { return }
            defer { umount(folder) }
            writeFile([UInt8](repeating: 1, count: 64 << 10), to: "\(folder)/ballast")
            let final = bench
            try await bench.running { queue, store in
                let id = try await final.submit(to: queue, store, from: "2024-01-01")
                try await time.sleep(for: .seconds(1))
                unlink("\(folder)/ballast")
                #expect(try await final.end(of: id, in: store).0.state == .completed)
            }
            #expect(bench.asked(.upstream) == [0, 30])
            #expect(try await isTrue(bench))
        }
    }

    @Test(.enabled(if: isRoot, "mounting needs root"))
    func `a file system that becomes read-only is waited for, and others go on`() async throws {
        try await VirtualTime.run { time in
            var bench = try FaultBench(time)
            bench.outputPath = "out"
            let folder = makeFolder(bench)
            guard mount("tmpfs", folder, "tmpfs", 0, nil) == 0 else { return }
            defer { umount(folder) }
            guard mount("", folder, "", UInt(MS_REMOUNT) | UInt(MS_RDONLY), nil) == 0 else {
                return
            }
            let final = bench
            var other = bench
            other.outputPath = "other"
            let elsewhere = other
            try await bench.running { queue, store in
                let id = try await final.submit(to: queue, store, from: "2024-01-01")
                try await time.sleep(for: .seconds(600))
                guard case .storage(let problem) = await queue.waitReason(of: id) else {
                    Issue.record("the job does not say that its disk cannot be written")
                    return
                }
                #expect(problem.code == "not_writable")
                #expect(problem.summary.contains("The file system of \(folder) is read-only"))
                #expect(await queue.obstacles() == [.storage(problem)])
                let free = try await elsewhere.submit(to: queue, store, from: "2024-01-01")
                #expect(try await elsewhere.end(of: free, in: store).0.state == .completed)
                #expect(try await store.job(id)?.state == .running)
                mount("", folder, "", UInt(MS_REMOUNT), nil)
                let (job, files) = try await final.end(of: id, in: store)
                #expect(job.state == .completed)
                #expect(files.first?.attempts == 1)
            }
            #expect(bench.asked(.upstream).count == 1)
        }
    }

    @Test(.enabled(if: !isRoot || access(chattr, X_OK) == 0, "root needs chattr"))
    func `a folder without permission stops the job`() async throws {
        try await VirtualTime.run { time in
            var bench = try FaultBench(time)
            let folder = makeFolder(bench)
            chmod(folder, 0o555)
            // Modes do not hold root back.
            if Self.isRoot {
                _ = try await ChildProcess(Self.chattr, ["+i", folder]).waitForExit()
            }
            let (job, file) = try await outcome(&bench)
            if Self.isRoot {
                _ = try await ChildProcess(Self.chattr, ["-i", folder]).waitForExit()
            }
            chmod(folder, 0o755)
            #expect(bench.asked(.upstream).count <= 1)
            #expect(file.failure?.code == "not_permitted")
            let words = "The service may not write to \(folder)."
            #expect(job.errorMessage?.contains(words) == true)
            #expect(TemporaryFolder.tree(folder) == [])
        }
    }

    @Test(arguments: ["", ".part"])
    func `a folder that has the file's name is left alone`(suffix: String) async throws {
        try await VirtualTime.run { time in
            var bench = try FaultBench(time)
            let taken = "\(makeFolder(bench))/\(Self.name)\(suffix)"
            mkdir(taken, 0o755)
            writeFile([7], to: "\(taken)/treasure")
            let (job, file) = try await outcome(&bench)
            #expect(bench.asked(.upstream).count == (suffix.isEmpty ? 0 : 1))
            #expect(file.state == .failed)
            #expect(file.failure?.code == "target_is_a_folder")
            #expect(job.state == .failed)
            #expect(job.errorMessage?.contains("A folder has the file's name") == true)
            #expect(
                TemporaryFolder.tree(bench.root) == ["out/\(Self.name)\(suffix)/treasure"])
        }
    }

    @Test func `a file in the folder's place stops the job before any request`() async throws {
        try await VirtualTime.run { time in
            var bench = try FaultBench(time)
            mkdir(bench.root, 0o755)
            writeFile([7], to: "\(bench.root)/out")
            let (job, file) = try await outcome(&bench)
            #expect(bench.asked(.upstream) == [])
            #expect(file.failure?.code == "not_a_folder")
            #expect(job.errorMessage?.contains("out is not a folder.") == true)
            #expect(readFile("\(bench.root)/out") == [7])
        }
    }

    @Test func `parts that a crash left are replaced by the file`() async throws {
        for isLink in [false, true] {
            try await VirtualTime.run { time in
                var bench = try FaultBench(time)
                let folder = makeFolder(bench)
                let other = bench.folder.path("other")
                writeFile([1, 2, 3], to: other)
                if isLink {
                    symlink(other, "\(folder)/\(Self.name).part")
                } else {
                    writeFile([9, 9, 9], to: "\(folder)/\(Self.name).part")
                }
                let (job, file) = try await outcome(&bench)
                #expect(job.state == .completed)
                #expect(file.state == .ok)
                #expect(bench.asked(.upstream) == [0])
                #expect(TemporaryFolder.tree(bench.root) == ["out/\(Self.name)"])
                #expect(try await isTrue(bench))
                #expect(readFile(other) == [1, 2, 3])
            }
        }
    }

    @Test func `an existing file is kept if it is right, and replaced if not`()
        async throws
    {
        for isRight in [true, false] {
            try await VirtualTime.run { time in
                var bench = try FaultBench(time)
                let file = DatasetFile(
                    exchange: "binance", dataType: .trades, day: day("2024-01-01"),
                    symbol: "BTCUSDT")
                var bytes = try await bench.upstream.truth(file)
                if !isRight { bytes.removeLast(100) }
                writeFile(bytes, to: "\(makeFolder(bench))/\(Self.name)")
                let (job, record) = try await outcome(&bench)
                #expect(job.state == .completed)
                #expect(record.state == .ok)
                #expect(bench.asked(.upstream) == (isRight ? [] : [0]))
                #expect(try await isTrue(bench))
            }
        }
    }
}
