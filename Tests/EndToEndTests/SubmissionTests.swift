// Submitting to the real daemon: one job per request, also across crashes.

import APITypes
import Curl
import FoundationEssentials
import Glibc
import JSON
import ServiceSupport
import TestSupport
import Testing

@Suite struct SubmissionTests {
    private static let body =
        #"{"exchange":"binance","symbols":["BTCUSDT"],"start_date":"2024-03-01","#
        + #""end_date":"2024-03-02"}"#

    private func submit(
        _ service: RunningService, _ body: String = SubmissionTests.body, key: String? = nil
    ) async throws -> (status: Int, replayed: String?, body: String) {
        var headers = [(name: "X-Username", value: "intern")]
        if let key { headers.append(("Idempotency-Key", key)) }
        let reply = try await service.ask("POST", "/download", body: body, headers: headers)
        return (reply.head.status, reply.head["Idempotency-Replayed"], reply.body)
    }

    @Test func `one key makes one job, across a kill of the service`() async throws {
        let installation = try await Installation()
        let first = try await installation.startService()
        let answer = try await submit(first, key: #""k-1""#)
        #expect(answer.status == 202)
        await first.crash()

        let second = try await installation.startService()
        let again = try await submit(second, key: #""k-1""#)
        #expect(again.status == 202)
        #expect(again.replayed == "true")
        #expect(again.body == answer.body)
        let other = try await submit(second, Self.body + " ", key: #""k-1""#)
        #expect(other.status == 422)
        #expect(try installation.query("SELECT count(*) FROM download_jobs") == "1")
        #expect(
            try installation.query("SELECT count(*) FROM job_events WHERE kind = 'submitted'")
                == "1")
        #expect(try await second.end(of: 1).status == "completed")
    }

    @Test func `an equal job continues after a crash and is no duplicate once finished`()
        async throws
    {
        // No connection is accepted until the service runs again.
        let installation = try await Installation()
        try await installation.upstream.play(
            #"[{"match":"/v1/binance/trades/*","times":0,"fault":"stall"}]"#)
        let first = try await installation.startService()
        #expect(try await submit(first).status == 202)
        #expect(
            try await eventually {
                try installation.query("SELECT status FROM download_jobs") == "running"
            })
        await first.crash()

        let second = try await installation.startService()
        let duplicate = try JSONCoding.decode(
            SubmitResponse.self, from: Array(try await submit(second).body.utf8))
        #expect(duplicate.duplicateOf == 1)
        try await installation.upstream.play("[]")
        await second.crash()

        let third = try await installation.startService()
        #expect(try await third.end(of: duplicate.jobID).status == "completed")
        let next = try JSONCoding.decode(
            SubmitResponse.self, from: Array(try await submit(third).body.utf8))
        #expect(next.jobID == 2)
        #expect(next.duplicateOf == nil)
    }

    @Test func `fifty concurrent requests make one job, with a key or without`() async throws {
        let installation = try await Installation(sandbox: ["--latency", "300"])
        let service = try await installation.startService()
        func jobs(_ key: String?) async throws -> (statuses: Set<Int>, ids: Set<Int64>) {
            try await withThrowingTaskGroup(of: (Int, Int64?).self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        let reply = try await submit(
                            service,
                            Self.body.replacing("03-02", with: key == nil ? "03-03" : "03-04"),
                            key: key)
                        let answer = try? JSONCoding.decode(
                            SubmitResponse.self, from: Array(reply.body.utf8))
                        return (reply.status, answer?.jobID)
                    }
                }
                return try await group.reduce(into: ([], [])) { found, reply in
                    found.0.insert(reply.0)
                    if let id = reply.1 { found.1.insert(id) }
                }
            }
        }
        let keyed = try await jobs("k-1")
        #expect(keyed.statuses.isSubset(of: [202, 409]))
        #expect(keyed.ids.count == 1)
        let equal = try await jobs(nil)
        #expect(equal.statuses == [202])
        #expect(equal.ids.count == 1)
        #expect(try installation.query("SELECT count(*) FROM download_jobs") == "2")
    }

    @Test func `the limits of a user are those of the settings`() async throws {
        let installation = try await Installation(
            settings: [
                "USER_QUEUED_JOBS_MAX": "1", "USER_FILES_PER_DAY_MAX": "3", "ADMIN_USERS": "root",
            ])
        try await installation.upstream.play(
            #"[{"match":"/v1/binance/trades/*","times":0,"fault":"stall"}]"#)
        let service = try await installation.startService()
        #expect(try await submit(service).status == 202)
        let forced = Self.body.dropLast() + #","force":true}"#
        let refused = try await submit(service, String(forced))
        #expect(refused.status == 429)
        #expect(refused.body.contains("USER_QUEUED_JOBS_MAX"))
        let admin = try await service.ask(
            "POST", "/download", body: forced.dropLast() + #","priority":9}"#,
            headers: [("X-Username", "root")])
        #expect(admin.head.status == 202)
        let bob = try await service.ask(
            "POST", "/download", body: Self.body.replacing("03-02", with: "03-31"),
            headers: [("X-Username", "bob")])
        #expect(bob.head.status == 429)
        #expect(bob.body.contains("USER_FILES_PER_DAY_MAX"))
        #expect(
            try installation.query("SELECT group_concat(priority) FROM download_jobs") == "5,9")
    }
}
