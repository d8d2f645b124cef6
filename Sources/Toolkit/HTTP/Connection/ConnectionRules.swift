// The limits and time-outs that every connection of a server keeps to.

/// The bounds of one request and of one connection. Every one is there so that no client can make
/// the server hold, or work on, more than it was going to.
package struct Limits: Sendable {
    /// Longest request target, in bytes; a longer one is answered 414. RFC 9112 §3 asks for
    /// request lines of at least 8000 bytes.
    package var targetBytesMax = 8192

    /// Longest header section without its request line, in bytes; beyond it 431. Kestrel's
    /// 32 KiB: room for the fattest cookies and tokens that browsers and proxies send.
    package var headerBytesMax = 32 * 1024

    /// Most header field lines; beyond it 431. Kestrel and Apache stop at 100, browsers send about
    /// 20; a proxy or two may add theirs.
    package var headerCountMax = 128

    /// Empty lines tolerated before a request line; beyond it 400. RFC 9112 §2.2 asks for one;
    /// old clients sent two after a POST.
    package var blankLinesMax = 4

    /// Longest body, in bytes after decoding; a longer one is answered 413, as soon as it is
    /// announced. Bodies are held in memory, and a job's JSON is a few KiB.
    package var bodyBytesMax = 1024 * 1024

    /// Longest line of extensions after one chunk size, in bytes; beyond it 400. No client uses
    /// them, and they are not counted by the body's limit.
    package var chunkExtensionBytesMax = 4096

    /// Chunk extensions of one body together, in bytes; beyond it 400. Without it a body of
    /// one-byte chunks may carry 4 KiB of nothing each.
    package var chunkExtensionBytesTotalMax = 64 * 1024

    /// Longest trailer section, in bytes; beyond it 431.
    package var trailerBytesMax = 8 * 1024

    /// Most trailer field lines; beyond it 431. Real ones carry a checksum or two.
    package var trailerCountMax = 50

    /// Requests answered on one connection before it is closed. Spreads clients over the loops
    /// again and bounds what might pile up per connection; nginx stops at 1000, but at our
    /// speed that would be a new connection every few milliseconds.
    package var requestsPerConnectionMax = 1_000_000

    /// Pipelined requests answered in one go before other connections have their turn. How many
    /// may wait is bounded by their bytes: see ``unreadBytesMax``.
    package var requestsPerTurnMax = 32

    /// Bytes that may have arrived and not been understood yet; with more, nothing is received
    /// before some requests have been answered. The longest head that is not refused must fit, or
    /// it would never end.
    var unreadBytesMax: Int { targetBytesMax + headerBytesMax + 1024 }

    /// How much memory one request may take while it arrives, in bytes: its body, and what was
    /// received in one call before it was understood, in an array that grows twofold, beside the
    /// head in a place of its own.
    package var requestBytesMax: Int { bodyBytesMax + 3 * (unreadBytesMax + receiveBytesMax) }

    /// Most bytes that are received in one call: what the kernel hands out on loopback.
    package var receiveBytesMax: Int { 64 * 1024 }

    /// Bytes of answers that may wait for a slow reader before its connection starts no further
    /// request and its streams suspend. A quarter of a megabyte fills any loopback and most real
    /// round trips.
    package var outputBytesMax = 256 * 1024

    package init() {}
}

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

/// Limits and time-outs, in one place for all connections of a loop: each of them is some hundred
/// bytes, and a connection that idles should cost little.
package final class ConnectionRules: Sendable {
    let limits: Limits
    let spans: ConnectionState.Spans

    package init(limits: Limits = Limits(), timeouts: Timeouts = Timeouts()) {
        self.limits = limits
        spans = ConnectionState.Spans(timeouts)
    }
}
