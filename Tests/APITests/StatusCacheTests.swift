// A status answered from memory is as fresh as the store's notifications, and at most a second old.

import Datasets
import JSON
import Jobs
import TestSupport
import Testing

@testable import API

@Suite struct StatusCacheTests {
    private let job = JobID(7)
    private let content = Array("content".utf8)

    @Test func `a status is shown until its job changes`() {
        let cache = StatusCache()
        #expect(cache.content(of: job) == nil)
        cache.keep(content, of: job, madeAfter: cache.changes)
        #expect(cache.content(of: job) == content)
        #expect(cache.content(of: JobID(8)) == nil)
        cache.forget([JobID(8)])
        #expect(cache.content(of: job) == content)
        cache.forget([JobID(8), job])
        #expect(cache.content(of: job) == nil)
    }

    @Test func `a status that was made before a change is not kept after it`() {
        let cache = StatusCache()
        let changes = cache.changes
        cache.forget([job])
        cache.keep(content, of: job, madeAfter: changes)
        #expect(cache.content(of: job) == nil)
    }

    @Test func `a status is shown for its lifetime at most, however late it was kept`() {
        let cache = StatusCache()
        let start = ContinuousClock.now
        cache.keep(content, of: job, madeAfter: 0, at: start)
        cache.keep(content, of: JobID(8), madeAfter: 0, at: start + .milliseconds(900))
        let end = start + StatusCache.lifetime
        for id in [job, JobID(8)] {
            #expect(cache.content(of: id, at: end - .nanoseconds(1)) == content)
        }
        #expect(cache.content(of: job, at: end) == nil)
        #expect(cache.content(of: JobID(8), at: end) == nil)
        cache.keep(content, of: job, madeAfter: 0, at: end)
        #expect(cache.content(of: job, at: end + .milliseconds(900)) == content)
    }

    @Test
    func `the second of two requests does not reach the store, and the one after a change does`()
        async throws
    {
        let fixture = Fixture()
        _ = await fixture.submit(Fixture.goodBody)
        func reads() async -> Int { await fixture.store.calls["job"] ?? 0 }
        let first = await fixture.send("GET", "/jobs/1/status")
        let before = await reads()
        #expect(await fixture.send("GET", "/jobs/1/status").text == first.text)
        #expect(await reads() == before)
        _ = try await fixture.store.claimJob(at: Fixture.now)
        #expect(await fixture.send("GET", "/jobs/1/status").json["status"] == "running")
        #expect(await reads() == before + 1)
    }
}
