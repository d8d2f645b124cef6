// Why the service gave no answer, or not the one that was asked for, in kinds that a program can
// act on. It must not know who reads it: the words for people are the program's.

/// A request that did not bring what it asked for.
package enum APIClientError: Error, Hashable, Sendable {
    /// Nobody listens there: connection refused, no route, or a handshake that broke off.
    case cannotConnect
    /// The machine's name has no address.
    case unknownHost
    /// The certificate is not trusted, or the other side does not speak TLS; curl's words, and what
    /// to do.
    case untrusted(String)
    /// No answer in time. What was asked for may have happened all the same.
    case timedOut
    /// The connection ended before the answer did. What was asked for may have happened.
    case cutShort
    /// An answer that is not the service's: of a proxy, or of another program.
    case foreignAnswer(ForeignResponse)
    /// The service said no.
    case refused(Refusal)
    /// The task was cancelled.
    case cancelled
    /// Anything else, in words without any secret.
    case other(String)

    /// Whether the same request may well succeed in a moment, as while a service restarts.
    package var isTransient: Bool {
        switch self {
        case .cannotConnect, .unknownHost, .timedOut, .cutShort: true
        case .foreignAnswer(let answer): answer.status.map((502...504).contains) ?? false
        case .refused(let refusal): refusal.status == 429 || refusal.status >= 500
        case .untrusted, .cancelled, .other: false
        }
    }

    /// Whether the request may have been carried out although no answer came.
    package var leavesDoubt: Bool {
        switch self {
        case .timedOut, .cutShort: true
        case .foreignAnswer(let answer): answer.status.map((502...504).contains) ?? true
        default: false
        }
    }
}

/// An error that the service itself answered.
package struct Refusal: Hashable, Sendable {
    /// The HTTP status, such as 404.
    package var status: Int
    /// What is wrong, one line each: `symbols[0]: there is no XYZ on binance`.
    package var lines: [String]
    /// Names the request in the service's log.
    package var requestID: String?
    /// How long to wait before asking again, where the service said so.
    package var retryAfterSeconds: Int?
    /// The body as it came.
    package var body: [UInt8]

    package init(
        status: Int, lines: [String], requestID: String? = nil, retryAfterSeconds: Int? = nil,
        body: [UInt8] = []
    ) {
        self.status = status
        self.lines = lines
        self.requestID = requestID
        self.retryAfterSeconds = retryAfterSeconds
        self.body = body
    }
}
