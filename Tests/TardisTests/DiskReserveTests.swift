// The reserve stays free while files are written, and announced bytes keep their space.

import Concurrency
import Datasets
import Glibc
import Jobs
import Posix
import Synchronization
import TestSupport
import Testing

@testable import Tardis

/// A disk that has so many bytes left.
private final class ScriptedDisk: Sendable {
    private let state: Mutex<(free: Int64?, lowest: Int64)>

    init(_ free: Int64?) { state = Mutex((free, free ?? 0)) }

    var free: Int64? { state.withLock { $0.free } }
    /// The least that was ever free.
    var lowest: Int64 { state.withLock { $0.lowest } }

    func fill(_ bytes: Int64) {
        state.withLock { state in
            state.free = state.free.map { $0 - bytes }
            state.lowest = min(state.lowest, state.free ?? 0)
        }
    }

    func reserve(of bytes: Int64) -> DiskReserve {
        DiskReserve(reserveBytes: bytes) { _ in self.free }
    }
}

@Suite struct DiskReserveTests {
    private static let piece = 512 << 10
    private let temporary = TemporaryFolder()

    private var folder: ConfinedFolder { get throws { try ConfinedFolder(root: temporary.path) } }

    private func file(_ name: String = "a") throws -> TargetFile {
        TargetFile(folder: try folder.identity, name: name)
    }

    /// Writes pieces until there is no space for another.
    ///
    /// - Returns: why; `nil` if there was space for all.
    private func fill(_ disk: ScriptedDisk, _ share: SpaceReservation, pieces: Int) -> WriteProblem?
    {
        for _ in 0..<pieces {
            do throws(WriteProblem) {
                try share.write(Self.piece) { () throws(SystemError) in
                    disk.fill(Int64(Self.piece))
                }
            } catch {
                return error
            }
        }
        return nil
    }

    @Test func `a file without end stops at the reserve`() throws {
        let disk = ScriptedDisk(60 << 20)
        let share = disk.reserve(of: 30 << 20).reservation(in: try folder)
        try share.begin(announcing: nil)
        guard case .noSpace(let shortage, nil) = fill(disk, share, pieces: 1_000) else {
            Issue.record("there was space for all")
            return
        }
        #expect(disk.lowest == 30 << 20)
        // What it gives back, and as much again.
        #expect(shortage.neededBytes == 90 << 20)
    }

    @Test func `several at once stop at the reserve too, and the others use what one returns`()
        throws
    {
        let disk = ScriptedDisk(64 << 20)
        let reserve = disk.reserve(of: 10 << 20)
        let shares = try (0..<4).map { _ in reserve.reservation(in: try folder) }
        for share in shares { try share.begin(announcing: nil) }
        var refused = 0
        for _ in 0..<1_000 where refused == 0 {
            for share in shares {
                guard let problem = fill(disk, share, pieces: 1) else { continue }
                guard case .noSpace(let shortage, nil) = problem else {
                    Issue.record("\(problem)")
                    return
                }
                #expect(shortage.neededBytes.map { $0 > 10 << 20 } == true)
                refused += 1
            }
        }
        #expect(disk.lowest >= 10 << 20)
        shares[0].end()
        disk.fill(-(13 << 20))
        #expect(fill(disk, shares[1], pieces: 20) == nil)
    }

    @Test func `what is written at the same time is counted before the disk shows it`() throws {
        let disk = ScriptedDisk(5 << 20)
        let reserve = disk.reserve(of: 4 << 20)
        let (one, two) = (reserve.reservation(in: try folder), reserve.reservation(in: try folder))
        try one.begin(announcing: nil)
        try two.begin(announcing: nil)
        var inner: WriteProblem?
        try one.write(Self.piece) { () throws(SystemError) in
            do throws(WriteProblem) {
                try two.write(Self.piece) { () throws(SystemError) in
                    disk.fill(Int64(Self.piece))
                }
            } catch {
                inner = error
            }
            disk.fill(Int64(Self.piece))
        }
        #expect(inner == nil)
        #expect(fill(disk, one, pieces: 1) != nil)
        #expect(disk.lowest == 4 << 20)
    }

    @Test func `announced bytes are taken from what is free until they have come`() throws {
        let disk = ScriptedDisk(100 << 20)
        let reserve = disk.reserve(of: 10 << 20)
        let one = reserve.reservation(in: try folder)
        try one.begin(announcing: 60 << 20)
        let two = reserve.reservation(in: try folder)
        #expect(throws: SpaceShortage(neededBytes: nil, freeBytes: 100 << 20)) {
            try two.begin(announcing: 40 << 20)
        }
        try two.begin(announcing: 30 << 20)
        #expect(reserve.shortage(of: try file(), in: try folder) == nil)
        // One that announces nothing leaves the others their space.
        let three = reserve.reservation(in: try folder)
        try three.begin(announcing: nil)
        #expect(fill(disk, three, pieces: 1) != nil)
        #expect(fill(disk, one, pieces: 120) == nil)
        #expect(fill(disk, two, pieces: 60) == nil)
        #expect(disk.lowest == 10 << 20)
    }

    @Test func `space is free again when a transfer has ended in any way`() throws {
        let reserve = ScriptedDisk(100).reserve(of: 10)
        for _ in 0..<3 {
            let share = reserve.reservation(in: try folder)
            try share.begin(announcing: 90)
            #expect(throws: SpaceShortage.self) {
                try reserve.reservation(in: try folder).begin(announcing: 1)
            }
        }
        try reserve.reservation(in: try folder).begin(announcing: 90)
    }

    @Test(arguments: [Int64.max, .min, -1, 1 << 62])
    func `absurd announcements are not believed`(bytes: Int64) throws {
        let reserve = ScriptedDisk(100).reserve(of: 10)
        let shares = try (0..<3).map { _ in reserve.reservation(in: try folder) }
        for share in shares { try share.begin(announcing: bytes) }
        try reserve.reservation(in: try folder).begin(announcing: 90)
    }

    @Test func `nothing begins below the reserve`() throws {
        let reserve = ScriptedDisk(9).reserve(of: 10)
        let shortage = SpaceShortage(freeBytes: 9)
        #expect(reserve.shortage(of: try file(), in: try folder) == shortage)
        #expect(throws: shortage) { try reserve.reservation(in: try folder).begin(announcing: nil) }
    }

    @Test func `without a reserve, and if free space is unknown, everything is written`() throws {
        for (disk, bytes) in [(ScriptedDisk(0), Int64(0)), (ScriptedDisk(nil), 10)] {
            let reserve = disk.reserve(of: bytes)
            let share = reserve.reservation(in: try folder)
            try share.begin(announcing: 1 << 30)
            #expect(fill(disk, share, pieces: 100) == nil)
            #expect(reserve.shortage(of: try file(), in: try folder) == nil)
        }
    }

    @Test func `only the file that filled the disk waits for its space`() throws {
        let disk = ScriptedDisk(60 << 20)
        let reserve = disk.reserve(of: 30 << 20)
        let greedy = try file("greedy")
        let share = reserve.reservation(in: try folder)
        try share.begin(announcing: nil)
        guard case .noSpace(let shortage, nil) = fill(disk, share, pieces: 1_000) else {
            Issue.record("there was space for all")
            return
        }
        let needed = try #require(shortage.neededBytes)
        reserve.hold(greedy, until: needed)
        share.end()
        disk.fill(-(30 << 20))
        #expect(
            reserve.shortage(of: greedy, in: try folder)
                == SpaceShortage(neededBytes: needed, freeBytes: 60 << 20))
        #expect(reserve.shortage(of: try file("other"), in: try folder) == nil)
        try reserve.reservation(in: try folder).begin(announcing: 20 << 20)
        disk.fill(60 << 20 - needed)
        #expect(reserve.shortage(of: greedy, in: try folder) == nil)
    }

    @Test(.enabled(if: getuid() == 0, "mounting needs root"))
    func `an endless transfer is postponed before the disk is below the reserve`() async throws {
        let rows = (0..<120_000).map { row in
            "bitmex,XBTUSD,1583020800000000,1583020800000000,"
                + "\(UInt64(row &+ 1) &* 0x9E37_79B9_7F4A_7C15),buy,1,1\n"
        }
        let body = gzip(trades(0) + rows.joined())
        #expect(body.count > 1 << 20)
        // Without a length its end is unknown.
        var bench = Bench(
            RawServer(replies: [.text("HTTP/1.1 200 OK\r\n\r\n"), .send(body), .stall]))
        bench.settings.diskReserveBytes = 1 << 20
        bench.settings.inboxBytesMax = 16 << 10
        let small = bench.folder.path("small")
        mkdir(small, 0o755)
        guard mount("tmpfs", small, "tmpfs", 0, "size=2m") == 0 else { return }
        defer { umount(small) }
        let isDone = CancellationFlag()
        let disk = try ConfinedFolder(root: small)
        let watching = Task.detached {
            var lowest = Int64.max
            while !isDone.isRaised {
                lowest = min(lowest, (try? disk.space.freeBytes) ?? .max)
                await Task.yield()
            }
            return lowest
        }
        let outcome = await bench.download(to: "small")
        isDone.raise()
        #expect(outcome.summary == "await room disk_full")
        #expect(await watching.value >= 1 << 20)
        #expect(bench.folder.names(in: "small") == [])
    }
}
