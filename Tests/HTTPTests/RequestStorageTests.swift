// A request is a value although its storage is shared and used again.

import Testing

@testable import HTTP

@Suite struct RequestStorageTests {
    @Test func `a change is seen by its holder only`() {
        let first = Request(
            method: .post, path: "/a", query: "b=c", headers: Headers(["A": "1"]), body: [1],
            id: "x", peer: "y")
        var second = first
        second.method = .put
        second.path = "/d"
        second.headers.append("B", "2")
        second.body = []
        second.id = "z"
        #expect(first.method == .post && second.method == .put)
        #expect(first.target == "/a?b=c" && second.target == "/d?b=c")
        #expect(first.headers.count == 1 && second.headers.count == 2)
        #expect(first.body == [1] && second.body == [])
        #expect(first.id == "x" && second.id == "z" && second.peer == "y")
    }

    @Test func `keeps its target when its headers are replaced`() throws {
        var parser = RequestParser(ConnectionRules())
        var request = try next(&parser, "GET /a/../b?c HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(request.target == "/a/../b?c")
        request.headers = Headers()
        #expect(request.path == "/b" && request.query == "c")
        request = try next(&parser, "GET /long/enough/to/be?d HTTP/1.1\r\nHost: h\r\n\r\n")
        request.headers = Headers()
        #expect(request.path == "/long/enough/to/be" && request.query == "d")
    }

    @Test func `the parts of a request that nobody holds are used again`() throws {
        var parser = RequestParser(ConnectionRules())
        let head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n"
        _ = try next(&parser, head + "1")
        let parts = ObjectIdentifier(parser.storage.parts)
        _ = try next(&parser, head + "2")
        #expect(ObjectIdentifier(parser.storage.parts) == parts)
    }

    @Test func `a request that is held stays as it was`() throws {
        var parser = RequestParser(ConnectionRules())
        let first = try next(
            &parser,
            "POST /first HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "1\r\na\r\n0\r\nT: u\r\n\r\n")
        let headers = first.headers
        let second = try next(&parser, "GET /second HTTP/1.1\r\nHost: i\r\nA: b\r\n\r\n")
        #expect(first.path == "/first" && first.method == .post)
        #expect(first.body == Array("a".utf8) && first.trailers["T"] == "u")
        #expect(headers["Host"] == "h" && first.headers["A"] == nil)
        #expect(second.path == "/second" && second.body.isEmpty && second.trailers.isEmpty)
    }

    @Test func `headers that outlive their request stay as they were`() throws {
        var parser = RequestParser(ConnectionRules())
        let headers = try next(&parser, "GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n\r\n").headers
        _ = try next(&parser, "GET / HTTP/1.1\r\nHost: i\r\n\r\n")
        #expect(headers["A"] == "b" && headers["Host"] == "h")
    }

    @Test func `storage is lent to whoever reads and given back by whoever is idle`() throws {
        var spare = ParserStorage()
        var parser = RequestParser(ConnectionRules())
        _ = try next(&parser, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        let parts = ObjectIdentifier(parser.storage.parts)
        spare.takeBack(from: &parser.storage)
        var other = RequestParser(ConnectionRules())
        spare.lend(to: &other.storage)
        #expect(ObjectIdentifier(other.storage.parts) == parts)
        // Whoever has some already takes no more, and a second lot is given up.
        spare.takeBack(from: &other.storage)
        _ = try next(&parser, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        spare.takeBack(from: &parser.storage)
        spare.lend(to: &other.storage)
        #expect(ObjectIdentifier(other.storage.parts) == parts)
    }

    private func next(_ parser: inout RequestParser, _ text: String) throws -> Request {
        Array(text.utf8).withUnsafeBytes { parser.append($0) }
        guard case .request = parser.next() else { throw Unfinished() }
        return Request(parser.storage.parts)
    }

    private struct Unfinished: Error {}
}
