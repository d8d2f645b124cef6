// The parser, over the corpus and at its limits.

import TestSupport
import Testing

@testable import HTTP

@Suite struct RequestParserTests {
    @Test(arguments: CorpusCase.all)
    func `makes the same of a case however it is cut`(corpusCase: CorpusCase) {
        let wanted = corpusCase.events.filter { !$0.hasPrefix("header ") }
        let headers = corpusCase.events.filter { $0.hasPrefix("header ") }.map(lowercasingName)
        var random = SeededGenerator(seed: 7)
        let cuts =
            [[corpusCase.bytes.count], [1], [2], [3]]
            + (0..<20).map { _ in (0..<20).map { _ in Int.random(in: 1...40, using: &random) } }
        for pieces in cuts {
            let scribe = EventScribe.events(of: corpusCase.bytes, pieces: pieces)
            #expect(scribe.events == wanted, "cut as \(pieces)")
            for header in headers { #expect(scribe.headers.contains(header), "cut as \(pieces)") }
        }
    }

    private func lowercasingName(_ header: String) -> String {
        guard let colon = header.firstIndex(of: ":") else { return header }
        return header[..<colon].lowercased() + header[colon...]
    }

    @Test func `takes a target as long as the limit and refuses a longer one`() {
        let limits = Limits()
        let longest = "/" + String(repeating: "a", count: limits.targetBytesMax - 1)
        #expect(
            events("GET \(longest) HTTP/1.1\r\nHost: a\r\n\r\n") == ["request GET \(longest) open"])
        #expect(events("GET \(longest)a HTTP/1.1\r\nHost: a\r\n\r\n") == ["refused 414"])
    }

    @Test func `refuses an endless line before it has ended`() {
        let limits = Limits()
        let endless = "GET /" + String(repeating: "a", count: limits.targetBytesMax + 100)
        #expect(events(endless) == ["refused 414"])
        let field = "GET / HTTP/1.1\r\nX: " + String(repeating: "a", count: limits.headerBytesMax)
        #expect(events(field) == ["refused 431"])
    }

    @Test func `refuses one header field too many`() {
        let limits = Limits()
        func request(_ count: Int) -> String {
            let fields = (1..<count).map { "X\($0): 1\r\n" }.joined()
            return "GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n"
        }
        #expect(events(request(limits.headerCountMax)) == ["request GET / open"])
        #expect(events(request(limits.headerCountMax + 1)) == ["refused 431"])
    }

    @Test func `refuses trailers beyond their limits`() {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
        let limits = Limits()
        let many = String(repeating: "T: 1\r\n", count: limits.trailerCountMax + 1)
        #expect(events(head + many) == ["refused 431"])
        let long = "T: " + String(repeating: "a", count: limits.trailerBytesMax)
        #expect(events(head + long) == ["refused 431"])
    }

    @Test func `refuses chunk extensions beyond their limits`() {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        let limits = Limits()
        let long = "1;" + String(repeating: "a", count: limits.chunkExtensionBytesMax + 20)
        #expect(events(head + long) == ["refused 400"])
        let chunk = "1;" + String(repeating: "a", count: 4000) + "\r\nx\r\n"
        let many = String(repeating: chunk, count: limits.chunkExtensionBytesTotalMax / 4000 + 1)
        #expect(events(head + many) == ["refused 400"])
    }

    @Test func `zeros before a chunk's size count as extensions, beyond 16 digits`() {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        let limits = Limits()
        func chunks(_ count: Int, digits: Int) -> String {
            let zeros = String(repeating: "0", count: digits - 1)
            return String(repeating: zeros + "1\r\nx\r\n", count: count) + "0\r\n\r\n"
        }
        // Together they would be more than all extensions may be.
        let padded = chunks(limits.chunkExtensionBytesTotalMax / 15 + 1, digits: 16)
        #expect(events(head + padded).first == "request POST / open")
        #expect(events(head + chunks(1, digits: 4000)) == ["request POST / open", "body x"])
        let many = chunks(limits.chunkExtensionBytesTotalMax / 3984 + 1, digits: 4000)
        #expect(events(head + many) == ["refused 400"])
    }

    @Test func `takes a body as long as the limit, in one piece or in chunks`() {
        var limits = Limits()
        limits.bodyBytesMax = 10
        let whole = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789"
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        let taken = ["request POST / open", "body 0123456789"]
        #expect(events(whole, limits) == taken)
        #expect(events(head + "5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n", limits) == taken)
        #expect(events(head + "5\r\n01234\r\n6\r\n", limits) == ["refused 413"])
    }

    @Test func `never traps, whatever arrives`() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<2_000 {
            guard var bytes = CorpusCase.all.randomElement(using: &random)?.bytes else { continue }
            for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[index] = .random(in: 0...255, using: &random)
                case 1: bytes.remove(at: index)
                case 2: bytes.insert(.random(in: 0...255, using: &random), at: index)
                default: bytes.insert(contentsOf: bytes[index...].prefix(30), at: index)
                }
            }
            let whole = EventScribe.events(of: bytes, pieces: [bytes.count + 1])
            let single = EventScribe.events(of: bytes, pieces: [1])
            // A 100 is asked for only while nothing of the body is there.
            #expect(
                whole.events.filter { $0 != "continue" }
                    == single.events.filter { $0 != "continue" })
        }
    }

    private func events(_ text: String, _ limits: Limits = Limits()) -> [String] {
        EventScribe.events(of: Array(text.utf8), pieces: [1000], limits: limits).events
    }
}
