// What a connection says that it holds of requests without an answer.

import Testing

@testable import HTTP

@Suite struct UnfinishedStateTests {
    private static let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n"

    private func settle(_ connection: TestConnection) {
        var spare = ParserStorage()
        connection.state.returnStorage(to: &spare)
    }

    @Test func `a request counts until it has arrived as a whole`() throws {
        let connection = TestConnection()
        #expect(connection.arrivingBytes == 0)
        #expect(connection.arrivingSince == nil)
        connection.receive("GET / HT")
        #expect(connection.actions(after: .seconds(1)) == [])
        #expect(connection.arrivingBytes >= 8)
        let first = try #require(connection.arrivingSince)
        connection.receive("TP/1.1\r\n")
        #expect(connection.actions() == [])
        let second = try #require(connection.arrivingSince)
        #expect(second > first)
        connection.receive("Host: a\r\n\r\n")
        #expect(connection.actions() == ["respond /"])
        settle(connection)
        #expect(connection.arrivingBytes == 0)
        #expect(connection.bufferedBytes == 0)
        #expect(connection.arrivingSince == nil)
        connection.answer()
        #expect(connection.arrivingBytes == 0)
    }

    @Test func `a body counts with all that came of it`() {
        let connection = TestConnection()
        connection.receive(UnfinishedStateTests.head + String(repeating: "x", count: 1000))
        #expect(connection.actions() == [])
        #expect((1000...5000).contains(connection.arrivingBytes))
        #expect(connection.arrivingSince == connection.now)
    }

    @Test func `what waits behind a request at work counts, and does not arrive`() {
        let connection = TestConnection()
        connection.receive("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2")
        #expect(connection.actions() == ["respond /1"])
        settle(connection)
        #expect(connection.arrivingBytes == 0)
        #expect(connection.arrivingSince == nil)
        #expect(connection.bufferedBytes >= 6)
        connection.answer()
        #expect(connection.actions() == [])
        #expect(connection.arrivingSince != nil)
    }

    @Test func `a refused request gives its memory back`() {
        let connection = TestConnection()
        connection.receive(UnfinishedStateTests.head + "x")
        #expect(connection.actions() == [])
        connection.state.failWaiters(Rejection(.serviceUnavailable, "full"))
        #expect(connection.arrivingSince == nil)
        #expect(connection.actions() == ["refuse 503", "finish sending"])
        settle(connection)
        #expect(connection.heldBytes == 0)
        connection.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(connection.actions() == [])
        #expect(connection.heldBytes == 0)
    }

    @Test func `so does one whose connection is closed`() {
        let connection = TestConnection()
        connection.receive(UnfinishedStateTests.head + "x")
        #expect(connection.actions() == [])
        connection.state.letGo()
        #expect(connection.arrivingBytes == 0)
    }

    @Test func `a body's memory grows no further than to its length`() throws {
        var parser = RequestParser(ConnectionRules())
        let pieces = 10
        let piece = [UInt8](repeating: 0x2E, count: 50_000)
        let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(pieces * piece.count)\r\n\r\n"
        Array(head.utf8).withUnsafeBytes { parser.append($0) }
        for _ in 1..<pieces {
            piece.withUnsafeBytes { parser.append($0) }
            guard case .incomplete = parser.next() else {
                Issue.record("the body has ended early")
                return
            }
        }
        let body = parser.storage.parts.body
        #expect(body.count == (pieces - 1) * piece.count)
        #expect(body.capacity < pieces * piece.count + 8_192, "\(body.capacity)")
    }

    @Test func `memory of a large body is not lent to others`() {
        var spare = ParserStorage()
        let connection = TestConnection()
        connection.receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n")
        for _ in 0..<2 {
            #expect(connection.actions() == [])
            connection.receive(String(repeating: "x", count: 50_000))
        }
        #expect(connection.actions() == ["respond /"])
        connection.state.returnStorage(to: &spare)
        #expect(spare.heldBytes == 0)
    }
}
