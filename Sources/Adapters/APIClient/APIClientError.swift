// Why a request failed, in kinds that a program can act on.

/// A failed request.
package enum APIClientError: Error, Hashable, Sendable {
    /// Connection refused, no route, or a broken handshake.
    case cannotConnect
    /// The host name has no address.
    case unknownHost
    /// The certificate is not trusted, or the other side does not speak TLS; curl's words, and what
    /// to do.
    case untrusted(String)
    /// No answer in time. The service may have carried out the request.
    case timedOut
    /// The connection ended before the answer did. The service may have carried out the request.
    case cutShort
    /// A response of a proxy or of another program.
    case foreignResponse(ForeignResponse)
    /// An error response of the service.
    case refused(ServiceError)
    /// The task was cancelled.
    case cancelled
    /// Anything else, in words without any secret.
    case other(String)

    /// Whether the same request may succeed in a moment, as while a service restarts.
    package var isTransient: Bool {
        switch self {
        case .cannotConnect, .unknownHost, .timedOut, .cutShort: true
        case .foreignResponse(let answer): answer.status.map((502...504).contains) ?? false
        case .refused(let refusal): refusal.status == 429 || refusal.status >= 500
        case .untrusted, .cancelled, .other: false
        }
    }

    /// Whether the service may have carried out the request although no answer arrived.
    package var leavesDoubt: Bool {
        switch self {
        case .timedOut, .cutShort: true
        case .foreignResponse(let answer): answer.status.map((502...504).contains) ?? true
        default: false
        }
    }
}

/// An error response of the service itself.
package struct ServiceError: Hashable, Sendable {
    /// The HTTP status, such as 404.
    package var status: Int
    /// What is wrong, one line each: `symbols[0]: there is no XYZ on binance`.
    package var lines: [String]
    /// The id of the request in the service's log.
    package var requestID: String?
    /// `Retry-After`.
    package var retryAfterSeconds: Int?
    /// The body as received.
    package var body: [UInt8] = []
}
