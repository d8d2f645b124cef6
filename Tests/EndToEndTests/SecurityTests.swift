// Access, confinement of files to the data root, and secrets.

import APITypes
import Curl
import FoundationEssentials
import Glibc
import ServiceSupport
import TestSupport
import Testing

@Suite struct SecurityTests {
    @Test func `the token and the list of users are enforced`() async throws {
        let installation = try await Installation(settings: [
            "API_TOKEN": "a-long-shared-token", "ALLOWED_USERS": "intern, dev",
        ])
        let service = try await installation.startService()
        func status(_ headers: [(name: String, value: String)]) async throws -> Int {
            try await service.ask("GET", "/jobs", headers: headers).head.status
        }
        let token = (name: "X-API-Token", value: "a-long-shared-token")
        #expect(try await status([("X-Username", "intern")]) == 401)
        #expect(try await status([("X-Username", "intern"), ("X-API-Token", "wrong")]) == 401)
        #expect(try await status([("X-Username", "stranger"), token]) == 403)
        #expect(try await status([token]) == 400)
        #expect(try await status([("X-Username", "intern"), token]) == 200)
        #expect(try await service.ask("GET", "/health", headers: []).head.status == 200)
    }

    @Test func `every response has its security headers`() async throws {
        let installation = try await Installation(settings: ["API_TOKEN": "a-long-shared-token"])
        let service = try await installation.startService()
        let policy = "default-src 'none'; frame-ancestors 'none'"
        let asked = [
            ("GET", "/", 200), ("GET", "/docs", 200), ("GET", "/jobs", 401),
            ("GET", "/nowhere", 404), ("DELETE", "/health", 405),
            ("GET", "/" + String(repeating: "x", count: 10_000), 414),
        ]
        for (method, path, status) in asked {
            let head = try await service.ask(method, path, headers: []).head
            #expect(head.status == status, "\(path.prefix(20))")
            func values(_ name: String) -> [String] {
                head.headers.filter { $0.name.lowercased() == name }.map(\.value)
            }
            #expect(values("x-content-type-options") == ["nosniff"])
            #expect(values("x-frame-options") == ["DENY"])
            #expect(values("referrer-policy") == ["no-referrer"])
            #expect(values("cross-origin-resource-policy") == ["same-origin"])
            #expect(values("cache-control") == ["no-store"])
            let policies = values("content-security-policy")
            #expect(policies.count == 1 && (policies == [policy]) == (path != "/docs"))
            #expect(values("server").isEmpty)
        }
    }

    @Test func `nothing is written outside the data root`() async throws {
        let installation = try await Installation()
        let outside = TemporaryFolder()
        let service = try await installation.startService()
        try FileManager.default.createDirectory(
            atPath: "\(installation.folder.path)/datasets", withIntermediateDirectories: true)
        try #require(symlink(outside.path, "\(installation.folder.path)/datasets/out") == 0)
        for path in [
            "..", "../x", "/etc", "/tmp/x", "a/../../x", "./datasets/../../x", "out", "out/deeper",
            "./datasets/out", "a\\u0000b", "~/x/../../y",
        ] {
            let reply = try await service.ask(
                "POST", "/download",
                body: """
                    {"exchange":"binance","symbols":["BTCUSDT"],"start_date":"2024-01-01",
                     "end_date":"2024-01-01","output_path":"\(path)"}
                    """)
            #expect(reply.head.status == 422, "\(path): \(reply.body)")
            #expect(reply.body.contains("output_path"), "\(path)")
        }
        let inside = "\(installation.folder.path)/datasets/btc"
        for path in ["btc", "./datasets/btc", "datasets/btc", inside] {
            let answer = try await service.submit(
                exchange: "binance", symbols: ["BTCUSDT"], from: "2024-01-01", to: "2024-01-01",
                outputPath: path)
            let job = try await service.end(of: answer.jobID)
            #expect(job.status == "completed", "\(path): \(job.errorMessage ?? "")")
        }
        #expect(installation.publishedNames(in: "btc").count == 1)
        #expect(installation.publishedNames() == ["btc", "out"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: outside.path).isEmpty)
    }

    @Test func `a symbolic link that appears later is not followed either`() async throws {
        let installation = try await Installation(sandbox: ["--latency", "300"])
        let outside = TemporaryFolder()
        let service = try await installation.startService(["MAX_RUNNING_JOBS": "1"])
        let first = try await service.submit(
            exchange: "binance", symbols: ["BTCUSDT"], from: "2024-01-01", to: "2024-01-05")
        let second = try await service.submit(
            exchange: "binance", symbols: ["BTCUSDT"], from: "2024-01-01", to: "2024-01-01",
            outputPath: "later")
        try? FileManager.default.createDirectory(
            atPath: "\(installation.folder.path)/datasets", withIntermediateDirectories: true)
        try #require(symlink(outside.path, "\(installation.folder.path)/datasets/later") == 0)
        _ = try await service.end(of: first.jobID)
        let job = try await service.end(of: second.jobID)
        #expect(job.status == "failed")
        #expect(try FileManager.default.contentsOfDirectory(atPath: outside.path).isEmpty)
    }

    @Test func `no secret is printed, answered or stored`() async throws {
        let token = "a-long-shared-token"
        let installation = try await Installation(settings: [
            "API_TOKEN": token, "LOG_LEVEL": "trace", "RETRY_MAX_ATTEMPTS": "2",
        ])
        let service = try await installation.startService()
        try await installation.upstream.play(
            #"[{"match":"/bot*","times":2,"fault":{"status":401,"body":"{\"ok\":false,\"error_code\":401,\"description\":\"Unauthorized\"}"}}]"#
        )
        let secrets = [token, Installation.key, Installation.botToken]
        let user: [(name: String, value: String)] = [
            ("X-Username", "intern"), ("X-API-Token", token),
        ]
        var answers: [String] = []
        func ask(_ method: String, _ path: String, _ body: String? = nil) async throws {
            let reply = try await service.ask(method, path, body: body, headers: user)
            answers.append(reply.body + reply.head.headers.map { "\($0.value)" }.joined())
        }
        for path in ["/", "/health", "/openapi.json", "/docs", "/jobs", "/jobs/1", "/nowhere"] {
            try await ask("GET", path)
        }
        try await ask("GET", "/jobs?user=\(token)&limit=\(Installation.key)")
        try await ask(
            "POST", "/download",
            #"{"exchange":"binance","symbols":["BTCUSDT"],"start_date":"2024-01-01","end_date":"2024-01-02"}"#
        )
        let hasEnded = await eventually {
            (try? installation.query(
                "SELECT count(*) FROM download_jobs WHERE completed_at IS NOT NULL"))
                == "1"
        }
        #expect(hasEnded)
        for path in ["/jobs", "/jobs/1", "/jobs/1/status", "/health"] { try await ask("GET", path) }
        #expect(await service.stop() == 0)

        let echoed = answers.remove(at: 7)
        #expect(echoed.contains("limit"))
        let database = try Data(
            contentsOf: URL(filePath: "\(installation.folder.path)/data/downloads.db"))
        let everything =
            answers + [service.process.errors, service.process.output]
            + [String(decoding: database, as: UTF8.self)]
        for text in everything {
            for secret in secrets { #expect(!text.contains(secret)) }
        }
    }
}
