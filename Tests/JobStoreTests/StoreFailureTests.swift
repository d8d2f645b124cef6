// What the database refuses is told in words that say what to do.

import Jobs
import SQLite
import TestSupport
import Testing

@testable import JobStore

@Suite struct StoreFailureTests {
    @Test(arguments: [
        (5, "Another program has kept the database data/d.db locked."),
        (517, "Another program has kept the database data/d.db locked."),
        (13, "The disk that holds data/d.db is full. Free some space; nothing was lost."),
        (8, "data/d.db cannot be written. Give the service's user the right"),
        (1_032, "data/d.db cannot be written. Give the service's user the right"),
        (14, "data/d.db cannot be opened or created. Make sure that its folder exists"),
        (11, "The database data/d.db is damaged. Stop the service, then run make restore-db"),
        (26, "data/d.db is not a SQLite database. Point DATABASE_URL at another file"),
        (266, "The disk that holds data/d.db refuses to read or write. Look for disk errors"),
        (275, "The database refused a change that would have left an illegal state."),
        (17, "The database data/d.db was written by a newer version of this service."),
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

    @Test func `a closed store is a service that stops`() {
        let error = SQLiteError(code: 21, message: "closed", operation: "write")
        #expect(StoreFailure.jobError(for: error, at: "x") == .stopping)
    }
}
