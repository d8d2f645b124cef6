// Why a transfer failed, in kinds that callers decide by.

/// A transfer that brought no complete answer.
///
/// Texts are `HOST: WORDS`, curl's own words where it has some. They never hold a path, a query, a
/// header or a body, so that no key or token can reach a log through them.
package enum CurlError: Error, Hashable, Sendable {
    /// The name has no address.
    case cannotResolve(String)
    /// Nobody listens, or the way is closed, up to and including a handshake that broke off.
    case cannotConnect(String)
    /// The proxy does not let the connection through; its status to that.
    case proxyRefused(String, status: Int)
    /// The certificate or the handshake is wrong: never retried without verification.
    case tls(String)
    /// A time limit passed: connecting, stalling, or in all.
    case timedOut(String)
    /// The connection ended before the answer did.
    case cutShort(String)
    /// The answer is not HTTP, or breaks a limit.
    case malformed(String)
    /// The request is not allowed: its URL, scheme, address, method or a header.
    case refused(String)
    /// The address of the host is not one that the request may reach.
    case forbiddenAddress(String)
    /// The receiver answered ``ReceiveDecision/stop``.
    case refusedByReceiver
    /// The task was cancelled, or the client closed.
    case cancelled
    /// Anything else, with curl's number and words.
    case other(Int32, String)
}

extension CurlError: CustomStringConvertible {
    /// One line for logs and error messages.
    package var description: String {
        switch self {
        case .cannotResolve(let words): "the name has no address: \(words)"
        case .cannotConnect(let words): "cannot connect: \(words)"
        case .proxyRefused(let words, 407):
            "the proxy refuses the connection: \(words); it wants a user and a password, as in "
                + "https_proxy=http://USER:PASSWORD@HOST:PORT"
        case .proxyRefused(let words, _): "the proxy refuses the connection: \(words)"
        case .tls(let words):
            "the TLS connection is not trustworthy: \(words). \(CertificateTrust.advice(on: words))"
        case .timedOut(let words): "timed out: \(words)"
        case .cutShort(let words): "the connection ended too early: \(words)"
        case .malformed(let words): "the answer is malformed: \(words)"
        case .refused(let words): "the request is not allowed: \(words)"
        case .forbiddenAddress(let words): "the address is not allowed: \(words)"
        case .refusedByReceiver: "the rest of the answer was not wanted"
        case .cancelled: "cancelled"
        case .other(let code, let words): "curl error \(code): \(words)"
        }
    }
}
