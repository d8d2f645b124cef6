// The commands that change jobs, and `events`, as a process.

import APITypes
import ArgumentParser
import JSON
import TestSupport
import Testing

@testable import APIClient
@testable import download_client

@Suite struct JobActionTests {
    private func job(_ id: Int64, _ status: String, paused: Bool = false) -> RawServer.Step {
        var job = Sample.job(id: id, status: status)
        job.paused = paused
        return .reply(200, JSONCoding.encode(job))
    }

    @Test(arguments: [
        (JobCommandName.cancel, "cancelled", false, "🚫 Job 12: cancelled, 14 of 31 done, 38.2 MB"),
        (.retry, "pending", false, "⏳ Job 12: pending again, 14 of 31 done, 38.2 MB"),
        (.pause, "pending", true, "⏳ Job 12: paused, 14 of 31 done, 38.2 MB"),
        (.resume, "pending", false, "⏳ Job 12: waits for its turn"),
    ])
    func `a command sends its request and prints the result`(
        verb: JobCommandName, status: String, paused: Bool, line: String
    ) async throws {
        let server = RawServer(replies: [job(12, status, paused: paused)])
        let run = try await ProgramRun([verb.rawValue, "12", "--url", server.url])
        #expect(run.status == 0)
        #expect(run.output == line + "\n")
        #expect(run.errors == "")
        #expect(server.requests.map(\.method) == ["POST"])
        #expect(server.requests.map(\.target) == ["/jobs/12/\(verb.rawValue)"])
    }

    @Test func `sends one request per job, also after a refused one`()
        async throws
    {
        let server = RawServer { request in
            request.target.contains("13")
                ? [.reply(409, #"{"detail":"Job 13 has ended."}"#)]
                : [job(request.target.contains("12") ? 12 : 14, "cancelled")]
        }
        let run = try await ProgramRun(["cancel", "12", "13", "14", "--url", server.url])
        #expect(run.status == 4)
        #expect(run.output.split(separator: "\n").map { $0.prefix(8) } == ["🚫 Job 12", "🚫 Job 14"])
        #expect(run.errors == "❌ Job 13 has ended.\n")
    }

    @Test func `an unreachable service gets one request for several jobs`() async throws {
        let run = try await ProgramRun(["cancel", "12", "13", "--url", "http://127.0.0.1:1"])
        #expect(run.status == 4)
        #expect(run.output == "")
        #expect(run.errors.ranges(of: "Cannot reach the service").count == 1)
    }

    @Test func `prints one line of JSON per job`() async throws {
        let server = RawServer { request in
            request.target.contains("13")
                ? [.reply(404, #"{"detail":"Job 13 not found"}"#)] : [job(12, "cancelled")]
        }
        let run = try await ProgramRun(["cancel", "12", "13", "--json", "--url", server.url])
        #expect(run.status == 4)
        let lines = run.output.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.last == #"{"detail":"Job 13 not found"}"#)
    }

    @Test func `prints events and why the job waits`() async throws {
        let answer = JobEventsResponse(
            jobID: 12,
            events: [
                EventResponse(
                    id: 1, jobID: 12, at: "2025-11-13T10:20:00.000000Z", event: "submitted",
                    by: "alice", from: "10.0.0.7", detail: nil),
                EventResponse(
                    id: 2, jobID: 12, at: "2025-11-13T10:21:00.000000Z", event: "planned",
                    by: "service", from: nil, detail: "31 files"),
            ], total: 3,
            waiting: WaitReasonResponse(code: "behind", reason: "behind 2 jobs"))
        let server = RawServer(replies: [.reply(200, JSONCoding.encode(answer))])
        let run = try await ProgramRun(["events", "12", "--limit", "2", "--url", server.url])
        #expect(run.status == 0)
        #expect(server.requests.map(\.target) == ["/jobs/12/events?limit=2&offset=0"])
        let lines = run.output.split(separator: "\n").map { line in
            line.split(separator: " ").joined(separator: " ")
        }
        #expect(
            lines == [
                "Job 12", "AT EVENT BY DETAIL",
                "2025-11-13T10:20:00.000000Z submitted alice (10.0.0.7)",
                "2025-11-13T10:21:00.000000Z planned service 31 files",
                "Showing 2 of 3 events.", "⏳ Waiting: behind 2 jobs",
            ])
    }

    @Test(arguments: ["cancel", "retry", "pause", "resume", "events", "cancel x", "events 1 x"])
    func `a command without the number of a job is a usage error`(line: String) {
        let words = line.split(separator: " ").map(String.init)
        let error = #expect(throws: (any Error).self) { try RootCommand.parseAsRoot(words) }
        #expect(error.map { RootCommand.exitCode(for: $0) } == .validationFailure)
    }

    @Test func `a job of another user names its owner`() throws {
        let words =
            "Only bob, who submitted job 12, and administrators (ADMIN_USERS) may cancel it."
        let lines = ErrorText.lines(
            for: ServiceFailure(
                cause: .refused(
                    ServiceError(
                        status: 403, lines: [words], requestID: nil, retryAfterSeconds: nil)),
                purpose: .job, address: try ServiceAddress("http://localhost:8000"), user: "alice",
                program: "download-client", answer: nil))
        #expect(lines[0] == "❌ \(words)")
        #expect(lines[1].contains("“alice”"))
        #expect(!lines[1].contains("ALLOWED_USERS"))
    }
}
