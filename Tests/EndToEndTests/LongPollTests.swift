// Waiting for a job to change, over real sockets.

import APITypes
import Curl
import JSON
import ServiceSupport
import TestSupport
import Testing

@Suite struct LongPollTests {
    private func ask(
        _ service: RunningService, _ job: Int64, tag: String, wait: Int
    ) async throws -> (head: ResponseHead, body: String) {
        try await service.ask(
            "GET", "/jobs/\(job)",
            headers: [
                ("X-Username", "intern"), ("If-None-Match", tag), ("Prefer", "wait=\(wait)"),
            ])
    }

    @Test func `long polls follow a job to its end`() async throws {
        let installation = try await Installation()
        let service = try await installation.startService()
        let answer = try await service.submit(
            exchange: "binance", symbols: ["BTCUSDT"], from: "2024-01-01", to: "2024-01-10")
        var tags: [String] = []
        var status = ""
        while status != "completed", tags.count < 200 {
            let reply = try await ask(service, answer.jobID, tag: tags.last ?? "\"none\"", wait: 20)
            // A running job changes within the wait.
            try #require(reply.head.status == 200, "\(reply.body)")
            #expect(reply.head["Preference-Applied"] == "wait=20")
            status = try JSONCoding.decode(JobResponse.self, from: Array(reply.body.utf8)).status
            tags.append(try #require(reply.head["ETag"]))
        }
        #expect(status == "completed")
        // A version may come again later: a job waits for its turn, and then no more.
        #expect(zip(tags, tags.dropFirst()).allSatisfy { $0 != $1 })
        #expect(await service.stop() == 0)
    }

    @Test func `a long poll is answered when the service stops`() async throws {
        let installation = try await Installation()
        let service = try await installation.startService()
        let answer = try await service.submit(
            exchange: "binance", symbols: ["BTCUSDT"], from: "2024-01-01", to: "2024-01-01")
        _ = try await service.end(of: answer.jobID)
        let tag = try #require(
            try await service.ask("GET", "/jobs/\(answer.jobID)").head["ETag"])
        let port = try #require(service.url.split(separator: ":").last.flatMap { UInt16($0) })
        let client = try RawClient(port: port)
        let request =
            "GET /jobs/\(answer.jobID) HTTP/1.1\r\nHost: x\r\nX-Username: intern\r\n"
            + "If-None-Match: \(tag)\r\nPrefer: wait=60\r\n\r\n"
        // The first one is answered at once, so the second has been sent on an open connection.
        #expect(client.send(request.replacing("Prefer: wait=60\r\n", with: "")))
        #expect(client.answer()?.status == 304)
        #expect(client.send(request))
        #expect(await service.stop() == 0)
        let reply = try #require(client.answer())
        #expect(reply.status == 304)
    }
}
