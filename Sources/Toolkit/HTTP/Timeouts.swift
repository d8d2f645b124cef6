// How long a client may take. It must not know how time is measured.

/// The time-outs of one connection. Each one ends a way to hold a connection for nothing.
package struct Timeouts: Sendable {
    /// From accepting to the first byte of the first request. Clients send it at once; 10 s
    /// forgives lost packets, and is more than browsers need that connect ahead of a click.
    package var firstByte = Duration.seconds(10)

    /// From the first byte of any request to the end of its head. Whole heads take one packet; 10 s
    /// forgives a lost one.
    package var head = Duration.seconds(10)

    /// From the end of the head to the end of the body, however steadily it comes. Five minutes
    /// carry the largest body at 4 KiB/s.
    package var body = Duration.seconds(300)

    /// How long a body may take before its rate is looked at. Kestrel's 5 s.
    package var bodyGrace = Duration.seconds(5)

    /// Least rate of a body after that, in bytes per second. Kestrel's 240, slower than any modem.
    package var bodyBytesPerSecondMin = 240

    /// Longest pause inside a body, however fast it was before.
    package var bodyPause = Duration.seconds(30)

    /// How long a connection may stay open between requests. nginx's 75 s: longer than the common
    /// 60 s of clients and proxies, so that they close first and no request meets a closing
    /// connection.
    package var idle = Duration.seconds(75)

    /// How long a connection without a complete head is safe from being closed to make room for
    /// another, when the server is full. One that is between requests never is: its client can
    /// connect again. A client that has just connected sends its head within a round trip or two.
    package var roomGrace = Duration.seconds(1)

    /// How long a reader may take none of the bytes that wait for it.
    package var writeStall = Duration.seconds(30)

    /// How long to read on, without a pause longer than `lingerPause`, after the last answer was
    /// sent. Closing with bytes unread makes the kernel send a RST, which may destroy the answer
    /// before it is read (RFC 9112 §9.6).
    package var linger = Duration.seconds(10)

    /// Longest pause while lingering.
    package var lingerPause = Duration.seconds(2)

    /// How long a connection that has not asked anything yet may still do so once the server
    /// drains: its request may be under way.
    package var drainFirstByte = Duration.seconds(1)

    /// How long a connection that has been answered may stay idle once the server drains. A client
    /// that asks again within a second is answered once more, and told to close; one that is cut
    /// off exactly while it asks would take that for a failure.
    package var drainIdle = Duration.seconds(1)

    package init() {}
}
