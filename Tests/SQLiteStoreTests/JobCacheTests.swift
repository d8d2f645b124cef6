// Jobs answered from memory are as fresh as jobs of the file, and changes reach the listener.

import Datasets
import Jobs
import SQLite
import Synchronization
import TestSupport
import Testing

@testable import SQLiteStore

@Suite struct JobCacheTests {
    let folder = TemporaryFolder()
    var path: String { folder.path("downloads.db") }

    @Test func `a change that was acknowledged is seen at once`() async throws {
        let store = try SQLiteJobStore(path: path, readers: 2)
        let job = try await store.insert(.sample(), at: .noon)
        for _ in 0..<2 { #expect(try await store.job(job.id)?.state == .pending) }
        #expect(store.cache.job(job.id)?.state == .pending)
        _ = try await store.claimJob(at: .noon)
        #expect(store.cache.job(job.id) == nil)
        for _ in 0..<2 { #expect(try await store.job(job.id)?.state == .running) }
    }

    @Test func `what another process writes is seen after a while`() async throws {
        let store = try SQLiteJobStore(path: path, readers: 2)
        let job = try await store.insert(.sample(), at: .noon)
        #expect(try await store.job(job.id)?.createdBy != "somebody else")
        let other = try Database(path: path, access: .readWrite)
        try other.run("UPDATE download_jobs SET created_by = 'somebody else'")
        let isSeen = try await eventually {
            try await store.job(job.id)?.createdBy == "somebody else"
        }
        #expect(isSeen)
    }

    @Test func `a job that was read before a write is not kept after it`() async throws {
        let job = try await SQLiteJobStore(path: path, readers: 1).insert(.sample(), at: .noon)
        let cache = JobCache()
        let writes = cache.writes
        cache.forget()
        cache.keep(job, readAfter: writes)
        #expect(cache.job(job.id) == nil)
        cache.keep(job, readAfter: cache.writes)
        #expect(cache.job(job.id) == job)
    }

    @Test func `a closed store answers nothing from memory either`() async throws {
        let store = try SQLiteJobStore(path: path, readers: 1)
        let job = try await store.insert(.sample(), at: .noon)
        _ = try await store.job(job.id)
        store.close()
        await #expect(throws: JobError.stopping) { try await store.job(job.id) }
    }
}

@Suite struct JobWatchTests {
    @Test func `the way to the listener does not grow with use`() {
        let places = Mutex<[Int]>([])
        let watch = JobWatch()
        watch.notify([JobID(1)])
        watch.listen { _ in
            var here = 0
            withUnsafeMutablePointer(to: &here) { here in
                let place = Int(bitPattern: here)
                places.withLock { $0.append(place) }
            }
        }
        for number in 0..<10_000 { watch.notify([JobID(Int64(number))]) }
        let used = places.withLock { $0 }
        #expect(used.count == 10_000)
        // AddressSanitizer keeps variables elsewhere than on the stack.
        #expect(isSanitized || (used.max() ?? 0) - (used.min() ?? 0) < 4_096)
    }
}
