// Requests that wait until a job changes, and entity tags.

import APITypes
import Datasets
import HTTP
import JSON
import Jobs
import TestSupport
import Testing

@testable import API

@Suite struct LongPollTests {
    private func tag(_ fixture: Fixture) async -> String {
        await fixture.send("GET", "/jobs/1").headers["ETag"] ?? "none"
    }

    private func ask(
        _ fixture: Fixture, _ method: String = "GET", tag: String, wait: String? = nil
    ) async -> Reply {
        if let wait {
            return await fixture.send(
                method, "/jobs/1",
                headers: ["X-Username": "ann", "If-None-Match": tag, "Prefer": "wait=\(wait)"])
        }
        return await fixture.send(
            method, "/jobs/1", headers: ["X-Username": "ann", "If-None-Match": tag])
    }

    private func fixture(_ time: any Timekeeping = FixedTime()) async -> Fixture {
        let fixture = Fixture(time: time)
        _ = await fixture.submit(Fixture.goodBody)
        return fixture
    }

    @Test func `a version that the client has is not sent again`() async throws {
        let fixture = await fixture()
        let tag = await tag(fixture)
        #expect(tag.hasPrefix("\"") && tag.hasSuffix("\""))
        for list in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] {
            for method in ["GET", "HEAD"] {
                let reply = await ask(fixture, method, tag: list)
                #expect(reply.status == 304)
                #expect(reply.text == "")
                #expect(reply.headers["ETag"] == tag)
                #expect(reply.headers["Preference-Applied"] == nil)
            }
        }
        #expect(await ask(fixture, tag: "\"x\"").status == 200)
        _ = try await fixture.store.claimJob(at: Fixture.now)
        let changed = await ask(fixture, tag: tag)
        #expect(changed.status == 200)
        #expect(changed.headers["ETag"] != tag)
        #expect(changed.json["status"] == "running")
    }

    @Test func `without a condition no request waits`() async {
        let fixture = await fixture()
        let reply = await fixture.send(
            "GET", "/jobs/1", headers: ["X-Username": "ann", "Prefer": "wait=30"])
        #expect(reply.status == 200)
        #expect(reply.headers["Preference-Applied"] == nil)
    }

    @Test(arguments: ["\"x\"", "*"])
    func `an answer waits for a change`(other: String) async throws {
        let fixture = await fixture()
        let known = other == "*" ? "*" : await tag(fixture)
        async let waiting = ask(fixture, tag: known, wait: "30")
        #expect(await eventually { fixture.api.longPolls.count == 1 })
        _ = try await fixture.store.claimJob(at: Fixture.now)
        let reply = await waiting
        #expect(reply.status == 200)
        #expect(reply.json["status"] == "running")
        #expect(reply.headers["Preference-Applied"] == "wait=30")
        #expect(fixture.api.longPolls.count == 0)
        // What has changed already is not waited for.
        let known2 = await ask(fixture, tag: "\"x\"", wait: "9999")
        #expect(known2.status == 200)
        #expect(known2.headers["Preference-Applied"] == "wait=60")
    }

    @Test func `without a change in time the response is 304`() async {
        let fixture = await fixture(FixedTime(sleepsEnd: true))
        let tag = await tag(fixture)
        let reply = await ask(fixture, tag: tag, wait: "30")
        #expect(reply.status == 304)
        #expect(reply.headers["ETag"] == tag)
        #expect(reply.headers["Preference-Applied"] == "wait=30")
        #expect(fixture.api.longPolls.count == 0)
    }

    @Test(arguments: ["0", "-1", "x", "", "1.5", "00"])
    func `an invalid time to wait is ignored`(wait: String) async {
        let fixture = await fixture()
        let reply = await ask(fixture, tag: await tag(fixture), wait: wait)
        #expect(reply.status == 304)
        #expect(reply.headers["Preference-Applied"] == nil)
    }

    @Test func `a job that is removed during a wait is unknown`() async throws {
        let fixture = await fixture()
        let tag = await tag(fixture)
        async let waiting = ask(fixture, tag: tag, wait: "30")
        #expect(await eventually { fixture.api.longPolls.count == 1 })
        let job = try #require(
            try await fixture.store.finish(
                JobID(1), as: .cancelled, errorMessage: nil, at: Fixture.now))
        #expect(await waiting.status == 200)
        let later = await self.tag(fixture)
        async let again = ask(fixture, tag: later, wait: "30")
        #expect(await eventually { fixture.api.longPolls.count == 1 })
        let news = try #require(try await fixture.store.nextNotification())
        try await fixture.store.record(.delivered(at: Fixture.now), of: news.id)
        let moment = Fixture.now + .seconds(1)
        let expired = try await fixture.store.expiredJobs(
            endedBefore: moment, after: nil, limit: 1)
        #expect(expired.map(\.id) == [job.id])
        // The pause between two rounds of notifications never ends on this clock: the end of all
        // waits does what its end would.
        _ = try await fixture.store.remove(expired, endedBefore: moment, rowsMax: 9, at: moment)
        fixture.api.endLongPolls()
        // Unchanged where the waits ended before the notification of the removal.
        #expect(await [304, 404].contains(again.status))
        #expect(await ask(fixture, tag: later, wait: "30").status == 404)
    }

    @Test func `a change without notification is seen at the end`() async throws {
        let time = SteppedTime()
        let fixture = await fixture(time)
        _ = try await fixture.store.claimJob(at: Fixture.now)
        let tag = await tag(fixture)
        let before = time.sleepers
        async let waiting = ask(fixture, tag: tag, wait: "30")
        #expect(await eventually { fixture.api.longPolls.count == 1 && time.sleepers > before })
        let later = Fixture.now + .seconds(600)
        try await fixture.store.set(later.iso8601, for: UpstreamPause.untilKey)
        time.step()
        let reply = await waiting
        #expect(reply.status == 200)
        #expect(reply.json["resume_at"] != .null)
        #expect(reply.headers["ETag"] != tag)
    }

    @Test func `waits end in time for jobs that the upstream holds up for longer`() async throws {
        let fixture = await fixture(ShortSleeps())
        _ = try await fixture.store.claimJob(at: Fixture.now)
        let later = Fixture.now + .seconds(600)
        try await fixture.store.set(later.iso8601, for: UpstreamPause.untilKey)
        let tag = await tag(fixture)
        for _ in 0..<100 {
            await withTaskGroup(of: Int.self) { group in
                for _ in 0..<16 {
                    group.addTask { await ask(fixture, tag: tag, wait: "1").status }
                }
                for await status in group { #expect(status == 304) }
            }
            #expect(fixture.api.longPolls.count == 0)
        }
    }

    @Test func `when the service stops, every wait ends at once`() async {
        let fixture = await fixture()
        let tag = await tag(fixture)
        async let waiting = ask(fixture, tag: tag, wait: "60")
        #expect(await eventually { fixture.api.longPolls.count == 1 })
        fixture.api.endLongPolls()
        #expect(await waiting.status == 304)
        let late = await ask(fixture, tag: tag, wait: "60")
        #expect(late.status == 304)
        #expect(late.headers["Preference-Applied"] == nil)
    }
}

/// A clock that stands still, and on which a minute passes at once, but nothing longer ever.
private struct ShortSleeps: Timekeeping {
    var now: Timestamp { Fixture.now }

    func sleep(for duration: Duration) async throws {
        if duration > .seconds(60) { await untilCancelled() }
        for _ in 0..<10 { await Task.yield() }
    }
}
