// When downloads pause for free space and inodes, and when they go on.

import Jobs
import Testing

@testable import Queue

@Suite struct DiskGuardTests {
    @Test func `goes on at the reserve if no transfer was cancelled`() {
        var state = DiskGuard(reserveBytes: 100)
        #expect(state.evaluate(freeBytes: 100, transfers: 0) == false)
        #expect(state.evaluate(freeBytes: 99, transfers: 0) == true)
        #expect(state.evaluate(freeBytes: 99, transfers: 0) == true)
        #expect(state.evaluate(freeBytes: 100, transfers: 0) == false)
    }

    @Test func `requires as much more as the transfers had filled`() {
        var state = DiskGuard(reserveBytes: 100)
        #expect(state.evaluate(freeBytes: 90, transfers: 3) == true)
        #expect(state.evaluate(freeBytes: 120, transfers: 1) == true)
        // 50 were given back: a new start with 140 would run out again.
        #expect(state.evaluate(freeBytes: 140, transfers: 0) == true)
        #expect(state.evaluate(freeBytes: 189, transfers: 0) == true)
        #expect(state.evaluate(freeBytes: 190, transfers: 0) == false)
    }

    @Test func `space that is freed while transfers end need not be freed twice`() {
        var state = DiskGuard(reserveBytes: 100)
        #expect(state.evaluate(freeBytes: 90, transfers: 3) == true)
        // All of the 910 could be the transfers'.
        for _ in 0...DiskGuard.extraSpaceChecks {
            #expect(state.evaluate(freeBytes: 1_000, transfers: 0) == true)
        }
        #expect(state.evaluate(freeBytes: 99, transfers: 0) == true)
        #expect(state.evaluate(freeBytes: 1_000, transfers: 0) == false)
    }

    @Test func `without a reserve nothing ever pauses`() {
        var state = DiskGuard(reserveBytes: 0)
        #expect(state.evaluate(freeBytes: 0, transfers: 3) == false)
    }

    @Test func `inodes count as space: a tenth of few, some hundred of many, and unlimited ones`() {
        var state = DiskGuard(reserveBytes: 1)
        func look(_ free: Int64, _ total: Int64) -> StorageProblem? {
            let count = InodeCount(free: free, total: total)
            return state.problem(in: StorageReading(freeBytes: 9, inodes: count), transfers: 0)
        }
        #expect(look(256, 1_000_000) == nil)
        #expect(look(255, 1_000_000) == .lowInodes(free: 255))
        #expect(look(511, 1_000_000) == .lowInodes(free: 511))
        #expect(look(512, 1_000_000) == nil)
        #expect(look(10, 100) == nil)
        #expect(look(9, 100) == .lowInodes(free: 9))
        #expect(state.problem(in: StorageReading(freeBytes: 9), transfers: 0) == nil)
        var none = DiskGuard(reserveBytes: 0)
        let full = StorageReading(freeBytes: 0, inodes: InodeCount(free: 0, total: 9))
        #expect(none.problem(in: full, transfers: 0) == nil)
    }
}
