// Errors of the database become errors with advice.

import Jobs
import Posix
import SQLite
import TestSupport
import Testing

@testable import SQLiteStore

@Suite struct StoreFailureTests {
    @Test(arguments: [
        (5, "Another program has kept the database data/d.db locked."),
        (517, "Another program has kept the database data/d.db locked."),
        (13, "The disk that holds data/d.db is full. Free some space; nothing was lost."),
        (8, "data/d.db cannot be written. Give the service's user the right"),
        (14, "data/d.db cannot be opened or created. Make sure that its folder exists"),
        (11, "The database data/d.db is damaged. Stop the service, then run make restore-db"),
        (26, "data/d.db is not a SQLite database. Point DATABASE_URL at another file"),
        (266, "The file system"), (4_618, "data/d.db lies on a file system"),
        (275, "The database refused a change that would have left an illegal state."),
        (7, "The database data/d.db failed."),
    ])
    func `a refusal comes with advice and its cause`(code: Int32, advice: String) {
        let error = SQLiteError(code: code, message: "its words", operation: "SELECT 1")
        guard case .storeFailed(let text) = StoreFailure.jobError(for: error, at: "data/d.db")
        else {
            Issue.record("no storeFailed")
            return
        }
        #expect(text.hasPrefix(advice))
        #expect(text.hasSuffix("(SELECT 1: its words (SQLite code \(code)))"))
    }

    @Test(arguments: [
        (17, "The database data/d.db was written by a newer version of this service."),
        (65_297, "The database data/d.db was written by a version of this service that was never"),
    ])
    func `a database of another version is told from one that fails`(code: Int32, advice: String) {
        let error = SQLiteError(code: code, message: "its words", operation: "migrate")
        guard case .unknownVersion(let text) = StoreFailure.jobError(for: error, at: "data/d.db")
        else {
            Issue.record("no unknownVersion")
            return
        }
        #expect(text.hasPrefix(advice))
    }

    @Test func `a closed store is a service that stops`() {
        let error = SQLiteError(code: 21, message: "closed", operation: "write")
        #expect(StoreFailure.jobError(for: error, at: "x") == .stopping)
    }

    @Test func `a file system on which SQLite cannot work is named, with what to do`() {
        let types: [(UInt32, String)] = [
            (0x6969, "nfs"), (0xFF53_4D42, "cifs"), (0x0102_1997, "9p"), (0x6573_5546, "fuse"),
            (0x794C_7630, "overlay"),
        ]
        for (number, name) in types {
            for reason in [.busy, .cannotOpen, .inputOutput, .locking, .other]
                as [SQLiteError.Reason]
            {
                let advice = StoreFailure.advice(
                    for: reason, at: "d.db", on: FileSystemType(number: number))
                #expect(advice.hasPrefix("d.db lies on a file system of type \(name) whose locks"))
                #expect(advice.contains("Put the database on a local disk"))
            }
        }
        let local = FileSystemType(number: 0xEF53)
        #expect(
            StoreFailure.advice(for: .inputOutput, at: "d.db", on: local, fileSizeLimit: nil)
                .hasPrefix("The file system of type ext4 that holds d.db refuses"))
        #expect(
            StoreFailure.advice(for: .busy, at: "d.db", on: local).contains("locked. End it"))
        let frozen = FileSystemType(number: 0xEF53, isReadOnly: true)
        #expect(
            StoreFailure.advice(for: .readOnly, at: "d.db", on: frozen)
                .contains("of type ext4 that is mounted read-only. Mount it for writing"))
    }

    @Test func `where files are limited, a failing write may have met that limit`() {
        let advice = StoreFailure.advice(
            for: .inputOutput, at: "d.db", on: FileSystemType(number: 0xEF53),
            fileSizeLimit: 2_097_152)
        #expect(advice.contains("at most 2097152 bytes (ulimit -f, LimitFSIZE= of systemd)"))
        #expect(advice.contains("raise the limit and restart"))
    }

    @Test func `a database that was moved is told apart`() {
        let error = SQLiteError(code: 1_032, message: "gone", operation: "look")
        guard case .databaseMoved(let text) = StoreFailure.jobError(for: error, at: "d.db") else {
            Issue.record("no databaseMoved")
            return
        }
        #expect(text.contains("make restore-db"))
    }
}
