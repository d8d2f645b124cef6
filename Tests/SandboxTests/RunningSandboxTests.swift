// The real program, on free ports, over real connections.

import Curl
import Glibc
import TestSupport
import Testing

@testable import tardis_sandbox

@Suite struct RunningSandboxTests {
    private static let free = "/v1/binance/trades/2024/01/01/BTCUSDT.csv.gz"

    @Test func `prints its ports when ready, serves, and stops on SIGTERM`() async throws {
        let sandbox = try await RunningSandbox(["--rows", "50"])
        let answer = try await sandbox.get(RunningSandboxTests.free)
        #expect(answer.status == 200)
        #expect(try inflated(answer.body).split(separator: "\n").count == 51)
        sandbox.process.send(SIGTERM)
        #expect(await sandbox.process.waitForExit() == 0)
    }

    @Test func `a paid day comes from the second port`() async throws {
        let sandbox = try await RunningSandbox()
        let paid = "/v1/binance/trades/2024/01/02/BTCUSDT.csv.gz"
        #expect(try await sandbox.get(paid).status == 401)
        let redirect = try await sandbox.get(
            paid, headers: [("Authorization", "Bearer TD.sandbox-key")])
        #expect(redirect.status == 302)
        let location = try #require(redirect.location)
        #expect(location.hasPrefix("http://127.0.0.1:\(sandbox.storagePort)/"))
        #expect(try await sandbox.get(url: location).status == 200)
        let leak = try await sandbox.get(url: location, headers: [("Authorization", "Bearer x")])
        #expect(leak.status == 400)
        let log = try await sandbox.get("/_sandbox/requests").text
        #expect(log.contains(#""authorization":"present""#) && !log.contains("TD.sandbox-key"))
    }

    @Test func `scripted faults reach the wire`() async throws {
        let sandbox = try await RunningSandbox()
        try await sandbox.play(
            """
            [{"match":"\(RunningSandboxTests.free)","fault":{"close_after":100}},
             {"match":"\(RunningSandboxTests.free)","fault":{"reset_after":100}},
             {"match":"\(RunningSandboxTests.free)","fault":"drop"},
             {"match":"\(RunningSandboxTests.free)","fault":{"content_length":1000000}},
             {"match":"\(RunningSandboxTests.free)","fault":{"framing":"chunked"}},
             {"match":"\(RunningSandboxTests.free)","fault":{"framing":"close"}},
             {"match":"\(RunningSandboxTests.free)","fault":{"bytes_per_second":1000000}}]
            """)
        for _ in 0..<4 {
            await #expect(throws: CurlError.self) {
                try await sandbox.get(RunningSandboxTests.free)
            }
        }
        var bodies: [[UInt8]] = []
        for _ in 0..<4 { bodies.append(try await sandbox.get(RunningSandboxTests.free).body) }
        #expect(Set(bodies).count == 1)
        #expect(try inflated(bodies[0]).hasPrefix("exchange,"))
    }

    @Test func `records a sent message`() async throws {
        let sandbox = try await RunningSandbox()
        let sent = try await sandbox.send(
            "POST", "/bot1:a/sendMessage", json: #"{"chat_id":1,"text":"hello"}"#)
        #expect(sent.status == 200)
        #expect(try await sandbox.get("/_sandbox/messages").text.contains("hello"))
    }

    @Test func `wrong options are explained`() async throws {
        let program = BuiltProgram.path("tardis-sandbox")
        let process = try ChildProcess(program, ["--rows", "0", "--port", "0"])
        #expect(await process.waitForExit() == 64)
        #expect(process.errors.contains("--rows is at least 1"))
    }
}
