// How connections end when the server has no time or no room for them, without sockets and in no
// time.

import Testing

@testable import HTTP

@Suite struct ConnectionEndingTests {
    /// A connection that has been answered once.
    private func idleConnection() -> TestConnection {
        let connection = TestConnection()
        connection.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(connection.actions() == ["respond /"])
        connection.answer()
        #expect(connection.actions() == [])
        return connection
    }

    // MARK: - Drain

    @Test func `closes a connection that has been idle for a while when the server drains`() {
        let connection = idleConnection()
        #expect(connection.actions(after: .milliseconds(1_100)) == [])
        connection.state.drain(at: connection.now)
        #expect(connection.actions() == ["close"])
    }

    @Test func `answers a busy client once more when the server drains, and then closes`() {
        let connection = idleConnection()
        connection.state.drain(at: connection.now)
        #expect(connection.actions(after: .milliseconds(900)) == [])
        connection.receive("GET /again HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(connection.actions() == ["respond /again"])
        #expect(!connection.keepsOpen)
        connection.answer()
        #expect(connection.actions() == ["finish sending"])
    }

    @Test func `a busy client that asks no more is let go after a while`() {
        let connection = idleConnection()
        #expect(connection.actions(after: .milliseconds(500)) == [])
        connection.state.drain(at: connection.now)
        #expect(connection.actions(after: .milliseconds(400)) == [])
        #expect(connection.actions(after: .milliseconds(100)) == ["close"])
    }

    @Test func `finishes what is under way when the server drains`() {
        let connection = TestConnection()
        connection.receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nh")
        connection.state.drain(at: connection.now)
        #expect(connection.actions(after: .seconds(2)) == [])
        connection.receive("i")
        #expect(connection.actions() == ["respond /"])
        #expect(!connection.keepsOpen)
        connection.answer()
        #expect(connection.actions() == ["finish sending"])
    }

    @Test func `gives a new connection a moment when the server drains`() {
        let connection = TestConnection()
        connection.state.drain(at: connection.now)
        #expect(connection.actions(after: .milliseconds(500)) == [])
        #expect(connection.actions(after: .milliseconds(600)) == ["close"])
    }

    // MARK: - Time-outs of their own

    @Test func `waits for the first byte as long as for the head, each by its own setting`() {
        var timeouts = Timeouts()
        timeouts.firstByte = .seconds(3)
        timeouts.head = .seconds(5)
        let silent = TestConnection(timeouts: timeouts)
        #expect(silent.actions(after: .seconds(3)) == ["close"])
        let slow = TestConnection(timeouts: timeouts)
        #expect(slow.actions(after: .seconds(2)) == [])
        slow.receive("G")
        #expect(slow.actions(after: .seconds(4)) == [])
        #expect(slow.actions(after: .seconds(1)) == ["refuse 408", "finish sending"])
    }

    @Test func `a body has an end, however steadily it comes`() {
        var timeouts = Timeouts()
        timeouts.body = .seconds(10)
        let connection = TestConnection(timeouts: timeouts)
        connection.receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n")
        for _ in 0..<9 {
            connection.receive(String(repeating: "x", count: 1_000))
            #expect(connection.actions(after: .seconds(1)) == [])
        }
        connection.receive(String(repeating: "x", count: 1_000))
        #expect(connection.actions(after: .seconds(1)) == ["refuse 408", "finish sending"])
    }

    // MARK: - Bounded memory

    @Test func `receives no more while enough requests wait`() {
        let connection = TestConnection()
        let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        connection.receive(String(repeating: request, count: 2_000))
        #expect(connection.actions() == ["respond /"])
        connection.answer()
        // The owner has let others have their turn; more bytes must not be taken in meanwhile.
        #expect(!connection.wantsInput)
        for _ in 0..<1_000 {
            #expect(connection.actions() == ["respond /"])
            connection.answer()
        }
        #expect(connection.wantsInput)
    }

    @Test func `receives the longest head that is not refused, byte by byte`() {
        var limits = Limits()
        limits.targetBytesMax = 8_000
        limits.headerBytesMax = 8_000
        let connection = TestConnection(limits: limits)
        let target = "/" + String(repeating: "t", count: 7_999)
        let fields = "Host: a\r\nX-Long: " + String(repeating: "x", count: 7_979) + "\r\n\r\n"
        for byte in "\r\n\r\nGET \(target) HTTP/1.1\r\n\(fields)".utf8 {
            #expect(connection.wantsInput)
            connection.receive(String(UnicodeScalar(byte)))
        }
        #expect(connection.actions() == ["respond \(target)"])
    }

    // MARK: - Making room

    @Test func `only those that hold their place for nothing make room`() {
        let idle = idleConnection()
        #expect(idle.state.wasteSince(at: idle.now) == idle.now)

        let new = TestConnection()
        let accepted = new.now
        #expect(new.state.wasteSince(at: new.now) == nil)
        #expect(new.actions(after: .seconds(1)) == [])
        #expect(new.state.wasteSince(at: new.now) == accepted)

        let slow = idleConnection()
        slow.receive("GET / HT")
        #expect(slow.actions() == [])
        #expect(slow.state.wasteSince(at: slow.now) == nil)
        #expect(slow.actions(after: .seconds(1)) == [])
        #expect(slow.state.wasteSince(at: slow.now) != nil)

        let uploading = TestConnection()
        uploading.receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n")
        #expect(uploading.actions(after: .seconds(2)) == [])
        #expect(uploading.state.wasteSince(at: uploading.now) == nil)

        let waiting = TestConnection()
        waiting.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(waiting.actions(after: .seconds(2)) == ["respond /"])
        #expect(waiting.state.wasteSince(at: waiting.now) == nil)
    }

    @Test func `whoever is one too many is told so, whatever it asks`() {
        let connection = TestConnection()
        connection.state.failWaiters(Rejection(.serviceUnavailable, "full"))
        #expect(connection.actions() == ["refuse 503", "finish sending"])
        connection.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(connection.actions() == [])
        connection.state.peerFinished()
        #expect(connection.actions() == ["close"])
    }
}
