// The history and who may see it, and why a job waits.

import APITypes
import Datasets
import HTTP
import JSON
import Jobs
import TestSupport
import Testing

@testable import API

@Suite struct HistoryTests {
    private static let ann = Principal(name: "ann", address: "10.0.0.7")

    /// A pending job of ann that was paused and resumed.
    private func fixture() async -> Fixture {
        let fixture = Fixture(admins: ["root"])
        _ = await fixture.submit(Fixture.anotherBody)
        for action in [.pause, .resume] as [JobAction] {
            _ = try? await fixture.store.execute(
                action, on: JobID(1), by: HistoryTests.ann, at: Fixture.now)
        }
        return fixture
    }

    private func events(
        _ fixture: Fixture, as user: String = "ann", _ query: String = ""
    ) async -> Reply {
        await fixture.send("GET", "/jobs/1/events\(query)", headers: ["X-Username": user])
    }

    @Test func `the events of a job are in order`() async {
        let fixture = await fixture()
        let reply = await events(fixture)
        #expect(reply.status == 200)
        #expect(reply.json["job_id"] == 1)
        #expect(reply.json["total"] == 3)
        let list = reply.json["events"]?.elements ?? []
        #expect(list.map { $0["event"] } == ["submitted", "paused", "resumed"])
        #expect(
            list.last
                == [
                    "id": 3, "job_id": 1, "at": "2024-06-15T08:10:00.000001Z", "event": "resumed",
                    "by": "ann", "from": "10.0.0.7", "detail": .null,
                ])
        let page = await events(fixture, "?limit=1&offset=1").json
        #expect(page["events"]?.elements?.map { $0["event"] } == ["paused"])
        #expect(page["total"] == 3)
        for query in ["?limit=0", "?limit=1001", "?offset=-1"] {
            #expect(await events(fixture, query).status == 422)
        }
        #expect(await fixture.send("GET", "/jobs/9/events").status == 404)
    }

    @Test func `addresses are for the owner and administrators`() async {
        let fixture = await fixture()
        for (user, from) in [("ann", "10.0.0.7"), ("root", "10.0.0.7"), ("bob", .null)]
            as [(String, JSONValue)]
        {
            let list = await events(fixture, as: user).json["events"]?.elements ?? []
            #expect(list[1]["from"] == from, "\(user)")
            #expect(list[1]["by"] == "ann")
        }
    }

    @Test func `the whole history is for administrators, newest first`() async {
        let fixture = await fixture()
        let refused = await fixture.send("GET", "/events")
        #expect(refused.status == 403)
        #expect(refused.text.contains("/jobs/{job_id}/events"))
        let reply = await fixture.send("GET", "/events?limit=2", headers: ["X-Username": "root"])
        #expect(reply.status == 200)
        #expect(reply.json["total"] == 3)
        #expect(reply.json["events"]?.elements?.map { $0["event"] } == ["resumed", "paused"])
        #expect(reply.json["events"]?.elements?.first?["from"] == "10.0.0.7")
    }

    @Test func `a waiting job has its reason`() async throws {
        let fixture = await fixture()
        func waiting(_ job: Int = 1) async -> JSONValue? {
            await fixture.send("GET", "/jobs/\(job)/events").json["waiting"]
        }
        #expect(
            await waiting()
                == [
                    "code": "next", "reason": "next to be started", "until": .null,
                ]
        )
        _ = await fixture.submit(Fixture.anotherBody)
        _ = await fixture.submit(Fixture.anotherBody)
        #expect(await waiting(3)?["reason"] == "behind 2 jobs")
        #expect(await waiting(3)?["code"] == "behind")
        _ = await fixture.send("POST", "/jobs/1/pause")
        #expect(await waiting()?["reason"] == "paused by ann")
        #expect(await waiting(3)?["reason"] == "behind 1 job")
        fixture.runner.set(.storage(.lowSpace(freeBytes: 1, reserveBytes: 2)))
        #expect(await waiting(3)?["code"] == "disk_low")
        #expect(await waiting()?["code"] == "paused")
        fixture.runner.set(nil)
        _ = try await fixture.store.claimJob(at: Fixture.now)
        #expect(await waiting(2) == .null)
        let until = Timestamp("2024-06-15T14:05:00Z")!
        for (waitReason, code, reason) in [
            (
                .upstreamPaused(until: until, reason: "The quota is used up."), "parked",
                "parked until 2024-06-15 14:05 UTC: The quota is used up."
            ),
            (.awaitsCatalogue(reason: nil), "catalogue", "waits for the catalogue"),
            (
                .awaitsCatalogue(reason: "Could not resolve host"), "catalogue",
                "waits for the catalogue: Could not resolve host"
            ),
            (.storage(.changed), "data_root_changed", .string(StorageProblem.changed.summary)),
            (
                .backsOff(until: until, reason: nil), "retry",
                "its files failed for now and are tried again at 2024-06-15 14:05 UTC"
            ),
            (.awaitsTurn, "turn", "waits for its turn among running jobs"),
        ] as [(WaitReason, JSONValue, JSONValue)] {
            fixture.runner.set(waitReason)
            let answer = await waiting(2)
            #expect(answer?["code"] == code)
            #expect(answer?["reason"] == reason)
            for target in ["/jobs/2", "/jobs/2/events"] {
                #expect(await fixture.send("GET", target).json["waiting"] == answer)
            }
            let page = await fixture.send("GET", "/jobs").json["jobs"]?.elements ?? []
            #expect(page.first { $0["id"] == 2 }?["waiting"] == answer)
        }
        fixture.runner.set(.backsOff(until: until, reason: "503"))
        #expect(await waiting(2)?["until"] == "2024-06-15T14:05:00.000000Z")
        _ = await fixture.send("DELETE", "/jobs/2")
        #expect(await waiting(2) == .null)
    }

    @Test func `a job that is alone does not wait for others`() async throws {
        let fixture = await fixture()
        let page = await fixture.send("GET", "/jobs").json["jobs"]?.elements ?? []
        var reasons = page.map { $0["waiting"]?["reason"] }
        for target in ["/jobs/1", "/jobs/1/status", "/jobs/1/events"] {
            reasons.append(await fixture.send("GET", target).json["waiting"]?["reason"])
        }
        #expect(reasons.count == 4)
        #expect(Set(reasons).isSubset(of: ["waits to be started", "next to be started"]))
    }

    @Test func `a list has the reason of each waiting job without a query for each`() async throws {
        let fixture = await fixture()
        _ = await fixture.submit(Fixture.anotherBody)
        _ = await fixture.send("POST", "/jobs/1/pause")
        let before = await fixture.store.calls
        let page = await fixture.send("GET", "/jobs").json["jobs"]?.elements ?? []
        #expect(page.map { $0["waiting"]?["code"] } == ["behind", "paused"])
        let after = await fixture.store.calls
        #expect(after["jobsAhead"] == before["jobsAhead"])
        #expect(after["lastEvent"] == before["lastEvent"])
    }

    @Test func `a status says why the job waits, from memory too`() async throws {
        let fixture = await fixture()
        for _ in 0..<2 {
            let reply = await fixture.send("GET", "/jobs/1/status")
            #expect(reply.json["waiting"]?["code"] == "behind")
        }
        let paused = await fixture.send("POST", "/jobs/1/pause")
        #expect(paused.json["waiting"]?["reason"] == "paused by ann")
        #expect(
            await fixture.send("GET", "/jobs/1/status").json["waiting"]?["reason"]
                == "paused by ann")
    }
}
