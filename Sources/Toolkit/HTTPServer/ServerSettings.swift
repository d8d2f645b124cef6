// What the program may decide about its server, in one place.

import Glibc
package import HTTP

/// The settings of an ``HTTPServer``.
package struct ServerSettings: Sendable {
    /// The address to listen on: IPv4, IPv6 or a name. The default is this machine only;
    /// `0.0.0.0` is every IPv4 address, `::` every address.
    package var host = "127.0.0.1"

    /// The port to listen on; 0 lets the kernel choose a free one.
    package var port: UInt16 = 0

    /// How many event loops to run: one per core, at most 4. Requests are cheap; cores beyond that
    /// are better left to the handlers' own work.
    package var loopCount = min(4, max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))

    /// Connections that may wait to be accepted, per loop. The kernel caps it at
    /// net.core.somaxconn, 4096 by default.
    package var backlog: Int32 = 4096

    /// Most connections at once. For a further one the connection that has been idle longest is
    /// closed; when none is idle, it is answered 503 and closed. The server lowers it to what
    /// RLIMIT_NOFILE allows, less a reserve for files, databases and transfers.
    package var connectionMax = 16_384

    /// Most connections of one client address, or of one IPv6 network of 64 bits; further ones are
    /// treated as above. 0 sets no bound. `nil` is three quarters of all: a team behind one router
    /// or one reverse proxy has a single address, so that a low bound would be the bound of all,
    /// but what is left lets others in, such as the health check.
    package var connectionsPerAddressMax: Int?

    /// How much memory requests without an answer may take in all connections together, in bytes.
    /// Beyond it those of which nothing has arrived for the longest time are answered 503 and their
    /// connections closed; one that a handler is at work on never is. Each loop has its own share,
    /// enough for the longest request at least. A job's JSON is a few KiB, so that 64 MiB are ten
    /// thousand of them.
    package var unfinishedBytesMax = 64 * 1024 * 1024

    /// How much memory answers that clients have not taken may take in all connections together, in
    /// bytes. While they take more, an answer of more than 16 KiB is replaced by a 503, and streams
    /// get on only as their clients read. One address, or one IPv6 network of 64 bits, has at most
    /// half of it. Each loop has its own share.
    package var unsentBytesMax = 256 * 1024 * 1024

    /// The bounds of requests and connections.
    package var limits = Limits()

    /// How long clients may take.
    package var timeouts = Timeouts()

    /// Fields sent with every answer, those to malformed requests included: security headers. An
    /// answer's own field of the same name takes the place of one.
    package var commonHeaders: [(name: String, value: String)] = []

    /// The field that carries a request's id, in both directions. A client's own id is taken over
    /// when it matches `[A-Za-z0-9._-]{1,64}`.
    package var requestIDHeader: FieldName = "X-Request-ID"

    package init() {}
}
