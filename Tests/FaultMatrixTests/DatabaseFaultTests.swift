// The database's disk fails at every call of a job's life: nothing acknowledged is lost, nothing
// crashes or hangs, and everything goes on when the fault is gone.
//
// TORTURE_ROUNDS, with any value, makes it every call; without it, some of them.

import Datasets
import FaultyVFS
import Glibc
import Jobs
import SQLite
import SQLiteStore
import TestSupport
import Testing

/// What fails, and how.
struct DatabaseFault: Sendable, CustomTestStringConvertible {
    var name: String
    var code: Int32
    var kinds: Int
    /// How many calls in a row fail; the largest number is all until the disk is mended.
    var count: Int
    /// Calls of a life that are passed over between two that fail, unless all are wanted.
    var stride: Int

    var testDescription: String { name }

    static let sqliteFull: Int32 = 13
    static let sqliteIOError: Int32 = 10
    static let sqliteBusy: Int32 = 5
    static let sqliteReadOnly: Int32 = 8

    private static let writing = FAULTY_OPEN | FAULTY_WRITE | FAULTY_TRUNCATE | FAULTY_SHM_MAP
    private static let everything =
        writing | FAULTY_READ | FAULTY_SYNC | FAULTY_LOCK | FAULTY_SHM_LOCK | FAULTY_DELETE
        | FAULTY_SIZE

    static let all: [DatabaseFault] = [
        DatabaseFault(name: "full once", code: sqliteFull, kinds: writing, count: 1, stride: 23),
        DatabaseFault(
            name: "full for a while", code: sqliteFull, kinds: writing, count: .max, stride: 31),
        DatabaseFault(
            name: "I/O error once", code: sqliteIOError, kinds: everything, count: 1, stride: 61),
        DatabaseFault(
            name: "I/O errors for a while", code: sqliteIOError, kinds: everything, count: .max,
            stride: 83),
        DatabaseFault(
            name: "busy for three tries", code: sqliteBusy, kinds: FAULTY_LOCK | FAULTY_SHM_LOCK,
            count: 3, stride: 29),
        DatabaseFault(
            name: "read-only for a while", code: sqliteReadOnly, kinds: FAULTY_WRITE, count: .max,
            stride: 37),
    ]
}

@Suite(.serialized, .timeLimit(.minutes(30)))
struct DatabaseFaultTests {
    private static let isThorough = getenv("TORTURE_ROUNDS") != nil

    @Test(arguments: DatabaseFault.all)
    func `a fault of the database at any call of a job's life only costs time`(
        fault: DatabaseFault
    ) async throws {
        try #require(faulty_vfs_install() == 0)
        // A stride that is prime, from a start that moves: the calls differ from those of others.
        let stride = Self.isThorough ? 1 : fault.stride
        var call = stride == 1 ? 1 : 1 + stride / 3
        var lives = 0
        while true {
            let life = try await VirtualTime.run { [call] time in
                try await DatabaseLife(time, fault, at: call).run()
            }
            lives += 1
            #expect(life.problems.isEmpty, "\(fault.name) at call \(call): \(life.problems)")
            // The calls of one life are not to the number those of another: one without any
            // failure began beyond them.
            if life.failures == 0 { break }
            call += stride
            try #require(call < 20_000, "a life has an end")
        }
        #expect(lives > 3, "\(fault.name): the fault was never met")
    }

    @Test(.enabled(if: isThorough, "takes five seconds for each lock"), arguments: [40, 80])
    func `a lock that another process keeps is waited for, and logged`(call: Int) async throws {
        try #require(faulty_vfs_install() == 0)
        let fault = DatabaseFault(
            name: "busy", code: DatabaseFault.sqliteBusy, kinds: FAULTY_LOCK | FAULTY_SHM_LOCK,
            count: .max, stride: 1)
        let life = try await VirtualTime.run { time in
            try await DatabaseLife(time, fault, at: call).run()
        }
        #expect(life.problems.isEmpty, "\(life.problems)")
        #expect(life.failures > 0)
    }

    @Test(.enabled(if: getuid() == 0, "mounting needs root"))
    func `a full disk refuses jobs with a message, and takes them when space is free`()
        async throws
    {
        try await VirtualTime.run { time in
            let folder = TemporaryFolder()
            guard mount("tmpfs", folder.path, "tmpfs", 0, "size=2m") == 0 else { return }
            defer { umount2(folder.path, Int32(MNT_DETACH)) }
            let life = DatabaseLife(time, nil, at: 0, in: folder)
            let ballast = folder.path("ballast")
            let problems = try await life.run { submit in
                let first = try await submit()
                fill(ballast)
                var refusal: String?
                // The log may have some space left.
                for _ in 0..<50 where refusal == nil {
                    do {
                        _ = try await submit()
                    } catch JobError.storeFailed(let text) {
                        refusal = text
                    }
                }
                #expect(refusal?.contains("is full. Free some space") == true, "\(refusal ?? "")")
                #expect(first != nil)
                try await time.sleep(for: .seconds(300))
                unlink(ballast)
                _ = try await submit()
            }.problems
            #expect(problems.isEmpty, "\(problems)")
        }
    }

    @Test(.enabled(if: getuid() == 0, "mounting needs root"))
    func `a read-only disk is refused at the start, with a message`() async throws {
        let folder = TemporaryFolder()
        guard mount("tmpfs", folder.path, "tmpfs", 0, "size=4m") == 0 else { return }
        defer { umount2(folder.path, Int32(MNT_DETACH)) }
        try DatabaseLife.open(folder.path("jobs.db")).close()
        guard mount("", folder.path, "", UInt(MS_REMOUNT | MS_RDONLY), nil) == 0 else { return }
        let error = #expect(throws: JobError.self) {
            try DatabaseLife.open(folder.path("jobs.db"))
        }
        #expect("\(error.map { "\($0)" } ?? "")".contains("is mounted read-only. Mount it for"))
    }

    private func fill(_ path: String) {
        guard let file = fopen(path, "we") else { return }
        let block = [UInt8](repeating: 7, count: 4_096)
        while fwrite(block, 1, block.count, file) == block.count, fflush(file) == 0 {}
        fclose(file)
    }
}
