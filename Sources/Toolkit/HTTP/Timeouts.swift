// How long a client may take. It must not know how time is measured.

/// The time-outs of one connection. Each one ends a way to hold a connection for nothing.
package struct Timeouts: Sendable {
    /// From accepting to the first byte of the first request, and from the first byte of any
    /// request to the end of its head. Whole heads take one packet; 10 s forgives a lost one.
    package var head = Duration.seconds(10)

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

    package init() {}
}
