// Cancel, retry, pause and resume, with the real programs.

import APITypes
import Curl
import FoundationEssentials
import ServiceSupport
import TestSupport
import Testing

@Suite struct ControlTests {
    /// A job of nine files: three are published, and the upstream has stalled in the middle of six.
    private func stalledJob(
        _ installation: Installation, _ service: RunningService
    ) async throws -> Int64 {
        let rules = (4...9).map { day in
            #"{"match":"/tardis-datasets*2024/01/0\#(day)/*","times":0,"fault":"stall"}"#
        }
        try await installation.upstream.play("[\(rules.joined(separator: ","))]")
        let answer = try await service.submit(
            exchange: "binance", symbols: ["BTCUSDT"], from: "2024-01-01", to: "2024-01-09")
        let isStalled = await eventually {
            let names = installation.publishedNames()
            return names.count { $0.hasSuffix(".part") } == 6
                && names.count { $0.hasSuffix(".csv.gz") } == 3
        }
        try #require(isStalled, "\(installation.publishedNames())")
        // A file is renamed a moment before it is recorded.
        let isRecorded = try await eventually { try await service.job(answer.jobID).filesDone == 3 }
        try #require(isRecorded)
        return answer.jobID
    }

    @Test func `a stalled job is cancelled at once, keeps verified files and is retried`()
        async throws
    {
        let installation = try await Installation()
        let service = try await installation.startService()
        let id = try await stalledJob(installation, service)
        let proven = installation.publishedNames().filter { $0.hasSuffix(".csv.gz") }
        let figures = ProcessFigures(pid: service.process.pid)
        let sockets = figures.sockets

        let reply = try await service.ask("DELETE", "/jobs/\(id)")
        #expect(reply.head.status == 200, "\(reply.body)")
        #expect(await eventually { figures.sockets <= sockets - 6 }, "its sockets are closed")
        #expect(await eventually { installation.publishedNames() == proven.sorted() })
        let job = try await service.job(id)
        #expect(job.status == "cancelled")
        #expect(job.filesDone == proven.count)
        #expect(job.filesFailed == 0)
        #expect(job.filesDone + (job.filesCancelled ?? 0) == 9)
        #expect(try await service.ask("POST", "/jobs/\(id)/cancel").body == reply.body)

        try await installation.upstream.play("[]")
        let requests = try await installation.upstream.requests(for: ".csv.gz")
        #expect(try await service.ask("POST", "/jobs/\(id)/retry").head.status == 202)
        let retried = try await service.end(of: id)
        #expect(retried.status == "completed", "\(retried.errorMessage ?? "")")
        #expect(retried.filesDone == 9)
        let again = try await installation.upstream.requests(for: ".csv.gz").count - requests.count
        #expect(again == 9 - proven.count, "proven files are not asked for again")
        let isTold = try await eventually {
            try await installation.upstream.messages().contains { $0.contains("Completed") }
        }
        #expect(isTold)
        let titles = try await installation.upstream.messages().compactMap { message in
            ["Started", "Cancelled", "Completed"].first { message.contains("Download \($0)") }
        }
        #expect(titles == ["Started", "Cancelled", "Started", "Completed"])
    }

    @Test func `a paused job survives a restart, resumes and has its history`()
        async throws
    {
        let installation = try await Installation(settings: ["ADMIN_USERS": "root"])
        let first = try await installation.startService()
        let id = try await stalledJob(installation, first)
        let stranger = try await first.client(["pause", "\(id)"], as: "bob")
        #expect(stranger.status == 4)
        #expect(stranger.text.contains("Only intern, who submitted job"), "\(stranger.text)")
        let paused = try await first.client(["pause", "\(id)"], as: "root")
        #expect(paused.status == 0, "\(paused.text)")
        #expect(await first.stop() == 0)

        try await installation.upstream.play("[]")
        let second = try await installation.startService()
        let events = try await second.client(["events", "\(id)"])
        #expect(events.text.contains("Waiting: paused by root"), "\(events.text)")
        #expect(try await second.job(id).status == "pending")
        let before = try await second.job(id).startedAt
        #expect(try await second.client(["resume", "\(id)"]).status == 0)
        let job = try await second.end(of: id)
        #expect(job.status == "completed", "\(job.errorMessage ?? "")")
        #expect(job.startedAt == before)
        let kinds = try installation.query(
            "SELECT group_concat(kind, ' ') FROM job_events WHERE job_id = \(id)")
        #expect(kinds == "submitted started planned paused resumed started completed")
        let news = try installation.query(
            "SELECT group_concat(kind, ' ') FROM notifications WHERE job_id = \(id)")
        #expect(news == "started completed")
    }
}
