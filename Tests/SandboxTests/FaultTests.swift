// Fault scripts: which requests are hit, how often, and the faulty responses.

import HTTP
import Synchronization
import TestSupport
import Testing

@testable import tardis_sandbox

@Suite struct FaultTests {
    private static let path = "/v1/binance/trades/2024/01/01/BTCUSDT.csv.gz"

    @Test(arguments: [
        ("", "/a", true), ("/v1/", "/v1/x", true), ("/v1/", "/v2", false), ("*", "/a/b", true),
        ("*/BTC*.gz", "/v1/x/BTCUSDT.csv.gz", true), ("*/BTC*.gz", "/v1/BTC.gz.x", false),
        ("/a?c", "/abc", true), ("/a?c", "/ac", false), ("*ab*ab", "/abxab", true),
        ("*ab*ab", "/ab", false),
    ])
    func `patterns are prefixes, or have stars and question marks`(
        pattern: String, path: String, matches: Bool
    ) {
        #expect(PathPattern(pattern).matches(path) == matches)
    }

    @Test func `rules skip and count`() {
        var rule = FaultRule("/a", skip: 1, times: 2, fault: Fault())
        let hits = (0..<5).map { _ in rule.hits(method: "GET", path: "/a") }
        #expect(hits == [false, true, true, false, false])
        var other = FaultRule("/a", times: nil, fault: Fault())
        let isHit = other.hits(method: "GET", path: "/b")
        #expect(!isHit)
    }

    @Test func `zero times means always`() throws {
        let json = #"[{"match":"/a","times":0,"method":"GET","fault":"drop"}]"#
        let script = FaultScript(try JSONText.decode([FaultRule].self, from: Array(json.utf8)))
        for _ in 0..<10 { #expect(script.fault(method: "GET", path: "/a") != nil) }
        #expect(script.fault(method: "POST", path: "/a") == nil)
    }

    @Test(arguments: [
        (#"[{"match":"/a","fault":{"statsu":500}}]"#, "statsu"),
        (#"[{"match":"/a","fault":"explosion"}]"#, "server-error"),
        (#"[{"match":"/a","fault":{"status":99}}]"#, "200 to 599"),
        (#"[{"fault":"drop"}]"#, "match"), (#"[{"match":"/a","foult":"drop"}]"#, "foult"),
    ])
    func `a mistake in a script is named`(json: String, words: String) async {
        let sandbox = SandboxUnderTest()
        let answer = await sandbox.ask("/_sandbox/faults", method: .put, body: json)
        #expect(answer.status == .badRequest)
        #expect(answer.text.contains(words), "\(answer.text)")
        #expect(sandbox.faults.pendingCount == 0)
    }

    @Test func `every common fault can be named in a script`() async {
        for fault in CommonFault.allCases {
            let sandbox = SandboxUnderTest()
            let answer = await sandbox.ask(
                "/_sandbox/faults", method: .post,
                body: #"[{"match":"*","fault":"\#(fault.rawValue)"}]"#)
            #expect(answer.text == #"{"pending":1}"#)
        }
    }

    @Test func `replaces an answer once`() async {
        let sandbox = SandboxUnderTest(faults: [
            FaultRule("*BTCUSDT*", fault: CommonFault.rateLimit.fault)
        ])
        let first = await sandbox.ask(FaultTests.path)
        #expect(first.status == .tooManyRequests)
        #expect(first.headers["Retry-After"] == "1")
        #expect(await sandbox.ask(FaultTests.path).status == .ok)
        let log = await sandbox.ask("/_sandbox/requests?match=*BTCUSDT*").text
        #expect(log.contains(#""faulty":true"#) && log.contains(#""status":429"#))
        #expect(log.contains(#""faulty":false"#) && log.contains(#""status":200"#))
    }

    @Test func `replaces content`() async throws {
        let truth = await SandboxUnderTest().ask(FaultTests.path).bytes
        func answer(_ content: ContentFault) async -> [UInt8] {
            await SandboxUnderTest(faults: [FaultRule("*", fault: Fault(content: content))])
                .ask(FaultTests.path).bytes
        }
        let flipped = await answer(ContentFault(flipBitAt: -5))
        #expect(zip(flipped, truth).count { $0 != $1 } == 1)
        #expect(flipped[truth.count - 5] != truth[truth.count - 5])
        #expect(await answer(ContentFault(truncateTo: 9)) == Array(truth.prefix(9)))
        #expect(await answer(ContentFault(append: "junk")) == truth + Array("junk".utf8))
        #expect(await answer(ContentFault(members: 2)) == truth + truth)
        #expect(try inflated(await answer(ContentFault(csv: "a,b\n"))) == "a,b\n")
        #expect(
            try inflated(await answer(ContentFault(headerRow: "x,y"))).hasPrefix("x,y\nbinance"))
        #expect(try inflated(await answer(ContentFault(symbol: "ETHUSDT"))).contains(",ETHUSDT,"))
        #expect(await answer(ContentFault(day: "2024-02-01")) != truth)
    }

    @Test func `deliveries break where the script says`() async throws {
        let truth = await SandboxUnderTest().ask(FaultTests.path).bytes
        let closed = try await delivered(DeliveryFault(closeAfter: 100))
        #expect(closed.length == truth.count && closed.bytes == Array(truth.prefix(100)))
        #expect(closed.cut?.ending == .close)
        let reset = try await delivered(DeliveryFault(resetAfter: 7))
        #expect(reset.bytes.count == 7 && reset.cut?.ending == .reset)
        let stalled = try await delivered(DeliveryFault(stallAfter: 10, stallMilliseconds: 1))
        #expect(stalled.bytes == truth && stalled.cut == nil)
        let trickled = try await delivered(DeliveryFault(bytesPerSecond: truth.count * 20))
        #expect(trickled.bytes == truth && trickled.pieces >= 1)
        let chunked = try await delivered(DeliveryFault(framing: .chunked))
        #expect(chunked.length == nil && chunked.bytes == truth)
    }

    @Test(arguments: [
        (DeliveryFault(contentLength: 5), "HTTP/1.1 200 OK\r\n", "\r\nContent-Length: 5\r\n"),
        (DeliveryFault(framing: .close), "HTTP/1.1 200 OK\r\n", "\r\nConnection: close\r\n\r\n"),
        (DeliveryFault(raw: "nonsense\r\n"), "nonsense", "\r\n"),
        (DeliveryFault(drop: .reset), "", ""),
    ])
    func `sends invalid responses verbatim`(
        delivery: DeliveryFault, start: String, contains: String
    ) async throws {
        let sandbox = SandboxUnderTest(faults: [
            FaultRule("*", fault: Fault(delivery: delivery))
        ])
        guard case .verbatim(let bytes, _) = await sandbox.ask(FaultTests.path).body else {
            Issue.record("not verbatim")
            return
        }
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.hasPrefix(start) && (contains.isEmpty || text.contains(contains)))
        #expect(delivery.drop == nil || bytes.isEmpty)
    }

    private func delivered(
        _ delivery: DeliveryFault
    ) async throws -> (length: Int?, bytes: [UInt8], pieces: Int, cut: StreamCut?) {
        let sandbox = SandboxUnderTest(faults: [
            FaultRule("*", fault: Fault(delivery: delivery))
        ])
        guard case .stream(let length, let produce) = await sandbox.ask(FaultTests.path).body else {
            Issue.record("not a stream")
            return (nil, [], 0, nil)
        }
        let writer = CollectingWriter()
        do {
            try await produce(writer)
        } catch let cut as StreamCut {
            return (length, writer.bytes, writer.count, cut)
        }
        return (length, writer.bytes, writer.count, nil)
    }
}

/// Collects a streamed body.
private final class CollectingWriter: BodyWriting {
    private let pieces = Mutex<[[UInt8]]>([])

    var bytes: [UInt8] { pieces.withLock { $0.flatMap(\.self) } }
    var count: Int { pieces.withLock(\.count) }

    func write(_ bytes: [UInt8]) async throws {
        pieces.withLock { $0.append(bytes) }
    }
}
