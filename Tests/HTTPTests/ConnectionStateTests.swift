// The life of a connection, without sockets and in no time.

import Testing

@testable import HTTP

@Suite struct ConnectionStateTests {
    @Test func `hands out pipelined requests one at a time`() {
        let connection = TestConnection()
        connection.receive("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(connection.actions() == ["respond /1"])
        #expect(!connection.wantsInput)
        connection.answer()
        #expect(connection.actions() == ["respond /2"])
        connection.answer()
        #expect(connection.actions() == [])
        #expect(connection.isIdle)
    }

    @Test func `closes after the answer when the client wants it`() {
        let connection = TestConnection()
        connection.receive("GET /1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /2")
        #expect(connection.actions() == ["respond /1"])
        #expect(!connection.keepsOpen)
        connection.answer()
        #expect(connection.actions() == ["finish sending"])
        connection.state.peerFinished()
        #expect(connection.actions() == ["close"])
    }

    @Test func `sends everything before it ends its direction`() {
        let connection = TestConnection()
        connection.receive("GET / HTTP/1.0\r\n\r\n")
        #expect(connection.actions() == ["respond /"])
        connection.answer()
        connection.waiting = 10
        #expect(connection.actions() == [])
        connection.waiting = 0
        #expect(connection.actions() == ["finish sending"])
    }

    @Test func `asks for the body when the client waits`() {
        let connection = TestConnection()
        connection.receive(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        #expect(connection.actions() == ["continue"])
        connection.receive("hi")
        #expect(connection.actions() == ["respond /"])
    }

    @Test func `answers whole requests after a half-close`() {
        let connection = TestConnection()
        connection.receive("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
        connection.state.peerFinished()
        #expect(connection.actions() == ["respond /1"])
        connection.answer()
        #expect(connection.actions() == ["respond /2"])
        connection.answer()
        #expect(connection.actions() == ["finish sending", "close"])
    }

    @Test func `refuses a request that ends early`() {
        let connection = TestConnection()
        connection.receive("GET / HT")
        connection.state.peerFinished()
        #expect(connection.actions() == ["refuse 400", "finish sending", "close"])
    }

    @Test func `throws away what follows a refusal`() {
        let connection = TestConnection()
        connection.receive("nonsense\r\n")
        #expect(connection.actions() == ["refuse 400", "finish sending"])
        #expect(connection.wantsInput)
        connection.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(connection.actions() == [])
    }

    @Test func `starts nothing new while too much output waits`() {
        let connection = TestConnection()
        connection.receive("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(connection.actions() == ["respond /1"])
        connection.answer()
        connection.waiting = Limits().outputBytesMax + 1
        #expect(connection.actions() == [])
        connection.waiting = 0
        #expect(connection.actions() == ["respond /2"])
    }

    @Test func `closes after the last request that a connection may ask`() {
        var limits = Limits()
        limits.requestsPerConnectionMax = 2
        let connection = TestConnection(limits: limits)
        connection.receive("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(connection.actions() == ["respond /1"])
        #expect(connection.keepsOpen)
        connection.answer()
        connection.receive("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(connection.actions() == ["respond /2"])
        #expect(!connection.keepsOpen)
        connection.answer()
        #expect(connection.actions() == ["finish sending"])
    }

    // MARK: - Time

    @Test func `closes a silent connection without a word`() {
        let connection = TestConnection()
        #expect(connection.actions(after: .seconds(9)) == [])
        #expect(connection.actions(after: .seconds(2)) == ["close"])
    }

    @Test func `refuses a head that drips`() {
        let connection = TestConnection()
        for _ in 0..<9 {
            connection.receive("G")
            #expect(connection.actions(after: .seconds(1)) == [])
        }
        #expect(connection.actions(after: .seconds(2)) == ["refuse 408", "finish sending"])
    }

    @Test func `counts the time of a second head from its first byte`() {
        let connection = TestConnection()
        connection.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(connection.actions() == ["respond /"])
        connection.answer()
        #expect(connection.actions(after: .seconds(60)) == [])
        connection.receive("GET")
        #expect(connection.actions(after: .seconds(9)) == [])
        #expect(connection.actions(after: .seconds(2)) == ["refuse 408", "finish sending"])
    }

    @Test func `closes an idle connection without a word`() {
        let connection = TestConnection()
        connection.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(connection.actions() == ["respond /"])
        connection.answer()
        #expect(connection.actions(after: .seconds(74)) == [])
        #expect(connection.actions(after: .seconds(2)) == ["close"])
    }

    @Test func `never interrupts a handler`() {
        let connection = TestConnection()
        connection.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(connection.actions() == ["respond /"])
        #expect(connection.deadline == nil)
        #expect(connection.actions(after: .seconds(3600)) == [])
    }

    @Test func `refuses a body below the least rate`() {
        let connection = TestConnection()
        connection.receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n")
        // 480 bytes earn two seconds beyond the grace of five.
        connection.receive(String(repeating: "x", count: 480))
        #expect(connection.actions(after: .milliseconds(6900)) == [])
        #expect(connection.actions(after: .milliseconds(200)) == ["refuse 408", "finish sending"])
    }

    @Test func `refuses a body that pauses, however fast it was`() {
        let connection = TestConnection()
        connection.receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
        connection.receive(String(repeating: "x", count: 900_000))
        #expect(connection.actions(after: .seconds(29)) == [])
        #expect(connection.actions(after: .seconds(2)) == ["refuse 408", "finish sending"])
    }

    @Test func `cuts a reader that takes nothing`() {
        let connection = TestConnection()
        connection.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(connection.actions() == ["respond /"])
        connection.answer()
        connection.waiting = 100
        connection.state.outputChanged(waiting: 100, hasMoved: true, at: connection.now)
        #expect(connection.actions(after: .seconds(29)) == [])
        connection.waiting = 50
        connection.state.outputChanged(waiting: 50, hasMoved: true, at: connection.now)
        #expect(connection.actions(after: .seconds(29)) == [])
        #expect(connection.actions(after: .seconds(2)) == ["reset"])
    }

    @Test func `lingers only as long as something comes`() {
        let connection = TestConnection()
        connection.receive("nonsense\r\n")
        #expect(connection.actions() == ["refuse 400", "finish sending"])
        for _ in 0..<9 {
            #expect(connection.actions(after: .seconds(1)) == [])
            connection.receive("x")
        }
        #expect(connection.actions(after: .milliseconds(1100)) == ["close"])

        let silent = TestConnection()
        silent.receive("nonsense\r\n")
        #expect(silent.actions() == ["refuse 400", "finish sending"])
        #expect(silent.actions(after: .seconds(3)) == ["close"])
    }
}
