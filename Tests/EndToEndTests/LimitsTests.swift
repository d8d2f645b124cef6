// Limits that administrators change at run time.

import APITypes
import Curl
import JSON
import ServiceSupport
import TestSupport
import Testing

@Suite struct LimitsTests {
    private let admin = [(name: "X-Username", value: "root")]

    @Test func `a limit set by an administrator applies at once and survives a restart`()
        async throws
    {
        let installation = try await Installation(
            sandbox: ["--latency", "100"],
            settings: ["DOWNLOAD_CONCURRENCY": "1", "ADMIN_USERS": "root"])
        var service = try await installation.startService()
        #expect(try await value(of: "transfers", service) == 1)
        let body = #"{"transfers":9,"running_jobs":3}"#
        #expect(try await service.ask("PATCH", "/settings/limits", body: body).head.status == 403)
        let reply = try await service.ask(
            "PATCH", "/settings/limits", body: body, headers: admin)
        #expect(reply.head.status == 200, "\(reply.body)")
        #expect(try await value(of: "transfers", service) == 9)
        let answer = try await service.submit(
            exchange: "binance", symbols: ["BTCUSDT"], from: "2024-01-01", to: "2024-01-20")
        #expect(try await service.end(of: answer.jobID).status == "completed")

        #expect(await service.stop() == 0)
        service = try await installation.startService()
        #expect(try await value(of: "transfers", service) == 9)
        #expect(try await value(of: "running_jobs", service) == 3)
        _ = try await service.ask(
            "PATCH", "/settings/limits", body: #"{"transfers":null}"#, headers: admin)
        #expect(try await value(of: "transfers", service) == 1)
    }

    @Test func `the client shows limits and sets them`() async throws {
        let installation = try await Installation(settings: ["ADMIN_USERS": "root"])
        let service = try await installation.startService()
        let refused = try await service.client(["limits", "--set", "transfers=8"], as: "intern")
        #expect(refused.status == 4)
        #expect(refused.errors.contains("ADMIN_USERS"), "\(refused.errors)")
        let odd = try await service.client(["limits", "--set", "speed=8"], as: "root")
        #expect(odd.status == 4)
        #expect(odd.errors.contains("speed"), "\(odd.errors)")
        let set = try await service.client(["limits", "--set", "transfers=8"], as: "root")
        #expect(set.status == 0, "\(set.errors)")
        let line = set.output.split(separator: "\n").first { $0.hasPrefix("transfers") }
        #expect(line?.split(separator: " ").prefix(4) == ["transfers", "8", "16", "root"])
        let shown = try await service.client(["limits"], as: "intern")
        #expect(shown.output == set.output)
    }

    /// A large job of one user and one file of another.
    @Test func `a small job runs beside a large one, which starts before its plan is complete`()
        async throws
    {
        let installation = try await Installation(
            sandbox: ["--latency", "20"], settings: ["MAX_RUNNING_JOBS": "1"])
        let service = try await installation.startService()
        let large = try await service.submit(
            exchange: "binance", symbols: ["BTCUSDT", "ETHUSDT"], from: "2020-01-01",
            to: "2023-12-31")
        let hasBegun = await eventually(within: .seconds(20)) {
            (try? await service.job(large.jobID).filesDone > 0) ?? false
        }
        #expect(hasBegun)
        let body = """
            {"exchange":"binance","symbols":["BTCUSDT"],"start_date":"2024-01-02",\
            "end_date":"2024-01-02","output_path":"./datasets/small"}
            """
        let reply = try await service.ask(
            "POST", "/download", body: body, headers: [("X-Username", "ann")])
        let small = try JSONCoding.decode(SubmitResponse.self, from: Array(reply.body.utf8))
        #expect(try await service.end(of: small.jobID).status == "completed")
        #expect(try await service.job(large.jobID).status == "running")
    }

    private func value(of limit: String, _ service: RunningService) async throws -> Int? {
        let reply = try await service.ask("GET", "/settings/limits")
        let answer = try JSONCoding.decode(LimitsResponse.self, from: Array(reply.body.utf8))
        return answer.limits.first { $0.name == limit }?.limit.value
    }
}
