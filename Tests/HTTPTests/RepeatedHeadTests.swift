// A head that is the last one byte for byte is not parsed again, and nobody can tell.

import Testing

@testable import HTTP

@Suite struct RepeatedHeadTests {
    private static let poll = "GET /jobs/7?a=b HTTP/1.1\r\nHost: h\r\nX-Username: al\r\n\r\n"

    private static let kinds = [
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
        "GET http://other/a HTTP/1.1\r\nHost: h\r\n\r\n",
        "BREW / HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
        "\r\nGET /a/../b HTTP/1.1\r\nHost: h\r\nA: \u{E9}\r\n\r\n",
    ]

    @Test func `the same bytes mean the same request`() throws {
        let reader = Reader()
        let first = try reader.read(Self.poll)
        first.identify(id: "1", peer: "p")
        let again = try reader.read(Self.poll)
        #expect(again.path == "/jobs/7" && again.query == "a=b" && again.method == .get)
        #expect(again.headers["X-Username"] == "al" && again.headers.count == 2)
        #expect(again.target == "/jobs/7?a=b")
    }

    @Test func `is taken from the parts as they are`() throws {
        let reader = Reader()
        _ = try reader.read(Self.poll)
        Array(Self.poll.utf8).withUnsafeBytes { reader.parser.append($0) }
        #expect(reader.parser.storage.takeRepeatedHead() != nil)
        let isIdle = reader.parser.isIdle
        #expect(isIdle)
    }

    @Test func `one byte makes another request`() throws {
        let poll = Array(Self.poll.utf8)
        for index in poll.indices {
            var other = poll
            other[index] ^= 1
            let reader = Reader()
            _ = try reader.read(Self.poll)
            let fresh = Reader()
            #expect(reader.events(of: other) == fresh.events(of: other), "byte \(index)")
            #expect(reader.lines == fresh.lines, "byte \(index)")
        }
    }

    @Test func `heads in a pipeline, and in pieces, are told one by one`() throws {
        let reader = Reader()
        let three = Array((Self.poll + Self.poll + Self.poll).utf8)
        let expected = Array(repeating: "GET /jobs/7?a=b open", count: 3)
        #expect(reader.events(of: three) == expected)
        for size in 1...Self.poll.utf8.count + 1 {
            var told: [String] = []
            for start in stride(from: 0, to: three.count, by: size) {
                told += reader.events(of: Array(three[start..<min(start + size, three.count)]))
            }
            #expect(told == expected, "pieces of \(size)")
        }
    }

    @Test func `a request that is held stays as it was`() throws {
        let reader = Reader()
        let held = try reader.read(Self.poll)
        held.identify(id: "held", peer: "p")
        try reader.read(Self.poll).identify(id: "next", peer: "q")
        #expect(held.id == "held" && held.peer == "p")
    }

    @Test func `what is changed in a request is not there in the next`() throws {
        let reader = Reader()
        var changed = try reader.read(Self.poll)
        changed.headers.set("X-Username", "bo")
        changed.path = "/other"
        let next = try reader.read(Self.poll)
        #expect(next.headers["X-Username"] == "al" && next.path == "/jobs/7")
    }

    @Test(arguments: kinds)
    func `every kind of request is the same the second time`(_ text: String) {
        let bytes = Array(text.utf8)
        let reader = Reader()
        let first = reader.events(of: bytes)
        #expect(!first.isEmpty)
        #expect(reader.events(of: bytes) == first)
        // And after another kind, whose parts are in the same place.
        _ = reader.events(of: Array(Self.poll.utf8))
        #expect(reader.events(of: bytes) == first)
    }

    @Test func `a long head is parsed each time`() throws {
        let text = "GET / HTTP/1.1\r\nHost: h\r\nA: \(String(repeating: "a", count: 5000))\r\n\r\n"
        let reader = Reader()
        _ = try reader.read(text)
        Array(text.utf8).withUnsafeBytes { reader.parser.append($0) }
        #expect(reader.parser.storage.takeRepeatedHead() == nil)
        #expect(reader.events(of: []) == ["GET / open"])
    }

    @Test func `another connection's head is compared with as well`() throws {
        var spare = ParserStorage()
        let (reader, other) = (Reader(), Reader())
        _ = try reader.read("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        spare.takeBack(from: &reader.parser.storage)
        spare.lend(to: &other.parser.storage)
        let events = other.events(
            of: Array("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".utf8))
        #expect(events == ["GET / close"])
    }

    /// A connection's parser, and what it tells.
    private final class Reader {
        var parser = RequestParser()
        /// The header lines of all requests so far.
        private(set) var lines: [String] = []

        func read(_ text: String) throws -> Request {
            Array(text.utf8).withUnsafeBytes { parser.append($0) }
            guard case .request = parser.next() else { throw Unfinished() }
            return Request(parser.storage.parts)
        }

        func events(of bytes: [UInt8]) -> [String] {
            bytes.withUnsafeBytes { parser.append($0) }
            var told: [String] = []
            while true {
                switch parser.next() {
                case .incomplete: return told
                case .expectsContinue: told.append("continue")
                case .refused(let rejection): return told + ["refused \(rejection.status)"]
                case .request:
                    let request = Request(parser.storage.parts)
                    let end = parser.terms.keepsOpen ? "open" : "close"
                    let declined = parser.refusal == nil ? "" : " declined"
                    told.append("\(request.methodName) \(request.target) \(end)\(declined)")
                    request.headers.forEach { lines.append("\($0): \($1)") }
                    if !request.body.isEmpty { told.append("body of \(request.body.count)") }
                }
            }
        }
    }

    private struct Unfinished: Error {}
}
