// Faults of the upstream, end to end. TardisTests covers the whole table of responses.

import APITypes
import Curl
import ServiceSupport
import TestSupport
import Testing

@Suite struct UpstreamFaultTests {
    @Test func `a refused key stops the job after at most two requests`() async throws {
        let installation = try await Installation(settings: ["TARDIS_API_KEY": "TD.wrong"])
        let service = try await installation.startService()
        let answer = try await service.submit(
            exchange: "binance", symbols: ["BTCUSDT"], from: "2024-01-02", to: "2024-01-20")
        let job = try await service.end(of: answer.jobID)
        #expect(job.status == "failed")
        #expect(job.filesFailed == 19)
        #expect(job.errorMessage?.contains("API key refused") == true, "\(job.errorMessage ?? "")")
        #expect(try await installation.upstream.requests(for: ".csv.gz").count <= 2)
    }

    @Test func `passing faults are retried, and one lasting failure fails the job by name`()
        async throws
    {
        let installation = try await Installation(settings: ["RETRY_MAX_ATTEMPTS": "4"])
        let service = try await installation.startService()
        try await installation.upstream.play(
            #"""
            [{"match":"*2024/01/02/*","times":2,"fault":{"status":503,"body":"busy"}},
             {"match":"*2024/01/03/*","times":1,"fault":"html-under-200"},
             {"match":"*2024/01/05/*","times":99,"fault":{"status":500,"body":"broken"}}]
            """#)
        let answer = try await service.submit(
            exchange: "binance", symbols: ["BTCUSDT"], from: "2024-01-01", to: "2024-01-10")
        let job = try await service.end(of: answer.jobID)
        #expect(job.status == "failed")
        #expect(job.filesDone == 9)
        #expect(job.filesFailed == 1)
        #expect(
            job.errorMessage?.contains("binance_trades_2024-01-05_BTCUSDT.csv.gz") == true,
            "\(job.errorMessage ?? "")")
        #expect(installation.publishedNames().count == 9)
        #expect(try await installation.upstream.requests(for: "2024/01/05").count == 4)
    }

    @Test func `a used-up quota is reported once and survives a restart`() async throws {
        let installation = try await Installation()
        let service = try await installation.startService()
        try await installation.upstream.play(
            #"[{"match":"*.csv.gz*","times":99,"fault":"quota"}]"#)
        let answer = try await service.submit(
            exchange: "binance", symbols: ["BTCUSDT"], from: "2024-01-01", to: "2024-01-10")
        func paused() async throws -> [String] {
            try await installation.upstream.messages().filter { $0.contains("Downloads Paused") }
        }
        #expect(try await eventually { try await !paused().isEmpty })
        let fact = "SELECT value > datetime() FROM facts WHERE name = 'upstream_parked_until'"
        #expect(await eventually { (try? installation.query(fact)) == "1" })
        let asked = try await installation.upstream.requests(for: ".csv.gz").count
        #expect((1...2).contains(asked))
        await service.crash()
        let second = try await installation.startService()
        // Announced after the restart, so after every notice of the restart.
        let other = try await second.submit(
            exchange: "binance", symbols: ["ETHUSDT"], from: "2024-01-01", to: "2024-01-01")
        #expect(
            try await eventually {
                try await installation.upstream.messages().last?.contains("ETHUSDT") == true
            })
        #expect(try await second.job(answer.jobID).status == "running")
        #expect(try await second.job(other.jobID).status == "running")
        #expect(try await paused().count == 1)
        #expect(try await installation.upstream.requests(for: ".csv.gz").count == asked)
    }

    @Test func `a paid day's redirect is followed without the key`() async throws {
        let installation = try await Installation()
        let service = try await installation.startService()
        let answer = try await service.submit(
            exchange: "binance", symbols: ["BTCUSDT"], from: "2024-01-02", to: "2024-01-02")
        let job = try await service.end(of: answer.jobID)
        #expect(job.status == "completed", "\(job.errorMessage ?? "")")
        let asked = try await installation.upstream.requests(for: "BTCUSDT")
        #expect(asked.map(\.status) == [302])
        #expect(asked.map(\.authorization) == ["present"])
        let stored = try await installation.upstream.storageRequests()
        #expect(stored.map(\.status) == [200])
        #expect(stored.map(\.authorization) == ["absent"])
    }

    @Test func `when the catalogue cannot be reached the job is accepted and checked as it runs`()
        async throws
    {
        let installation = try await Installation()
        let service = try await installation.startService([
            "TARDIS_API_URL": "http://127.0.0.1:9/v1"
        ])
        let answer = try await service.submit(
            exchange: "binance", symbols: ["BTCUSDT"], from: "2024-01-01", to: "2024-01-01")
        let job = try await service.end(of: answer.jobID)
        #expect(job.status == "completed", "\(job.errorMessage ?? "")")
    }

    @Test func `wrong names get the most similar right ones`() async throws {
        let installation = try await Installation()
        let service = try await installation.startService()
        let reply = try await service.ask(
            "POST", "/download",
            body: """
                {"exchange":"binance","symbols":["BTCUSTD"],"data_types":["traids"],
                 "start_date":"2024-02-30","end_date":"2023-01-01"}
                """)
        #expect(reply.head.status == 422)
        for text in ["symbols", "BTCUSDT", "data_types", "trades", "start_date"] {
            #expect(reply.body.contains(text), "\(text): \(reply.body)")
        }
    }
}
