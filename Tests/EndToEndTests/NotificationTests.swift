// Every job is announced in order and exactly once, under faults of Telegram.

import APITypes
import Curl
import ServiceSupport
import TestSupport
import Testing

@Suite struct NotificationTests {
    private func messages(_ installation: Installation, count: Int) async throws -> [String] {
        _ = await eventually(within: .seconds(30)) {
            ((try? await installation.upstream.messages())?.count ?? 0) >= count
        }
        return try await installation.upstream.messages()
    }

    @Test func `started and completed arrive in order, with the job's details`() async throws {
        let installation = try await Installation()
        let service = try await installation.startService()
        let answer = try await service.submit(
            exchange: "binance", symbols: ["BTCUSDT", "ETHUSDT", "BNBUSDT", "SOLUSDT"],
            from: "2024-01-01", to: "2024-01-02")
        _ = try await service.end(of: answer.jobID)
        let messages = try await messages(installation, count: 2)
        try #require(messages.count == 2)
        #expect(messages[0].contains("🚀"))
        #expect(messages[0].contains("Download Started"))
        #expect(messages[0].contains("BTCUSDT, ETHUSDT, BNBUSDT (+1 more)"))
        #expect(messages[0].contains("intern"))
        #expect(messages[1].contains("✅"))
        #expect(messages[1].contains("Download Completed"))
    }

    @Test func `a failure names its reason, escaped for HTML`() async throws {
        let installation = try await Installation(settings: ["RETRY_MAX_ATTEMPTS": "1"])
        let service = try await installation.startService()
        try await installation.upstream.play(
            #"[{"match":"*.csv.gz*","times":9,"fault":{"status":400,"body":"{\"code\":300,\"message\":\"<b>no & such\"}"}}]"#
        )
        let answer = try await service.submit(
            exchange: "binance", symbols: ["BTCUSDT"], from: "2024-01-01", to: "2024-01-01")
        let job = try await service.end(of: answer.jobID)
        #expect(job.status == "failed")
        let messages = try await messages(installation, count: 2)
        try #require(messages.count == 2)
        #expect(messages[1].contains("❌"))
        #expect(messages[1].contains("Download Failed"))
        #expect(messages[1].contains("&lt;b&gt;no &amp; such"))
    }

    @Test func `a flooded or broken Bot API delays notices and loses none`() async throws {
        let installation = try await Installation()
        let service = try await installation.startService()
        try await installation.upstream.play(
            #"""
            [{"match":"/bot*","times":1,"fault":{"status":429,"headers":{"Retry-After":"1"},
              "body":"{\"ok\":false,\"error_code\":429,\"description\":\"Too Many Requests: retry after 1\",\"parameters\":{\"retry_after\":1}}"}},
             {"match":"/bot*","times":1,"fault":{"status":502,"body":"<html>"}}]
            """#)
        let answer = try await service.submit(
            exchange: "binance", symbols: ["BTCUSDT"], from: "2024-01-01", to: "2024-01-01")
        let job = try await service.end(of: answer.jobID)
        #expect(job.status == "completed")
        let messages = try await messages(installation, count: 2)
        #expect(messages.count == 2)
        #expect(messages.first?.contains("Started") == true)
    }
}
