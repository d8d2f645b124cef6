// Why a transfer failed, in kinds that callers decide by.

/// A transfer that brought no complete answer.
package enum CurlError: Error, Hashable, Sendable {
    /// The name has no address.
    case cannotResolve(String)
    /// Nobody listens, or the way is closed.
    case cannotConnect(String)
    /// The certificate or the handshake is wrong: never retried without verification.
    case tls(String)
    /// A time limit passed: connecting, stalling, or in all.
    case timedOut(String)
    /// The connection ended before the answer did.
    case cutShort(String)
    /// The answer is not HTTP, or breaks a limit.
    case malformed(String)
    /// The URL or its scheme is not allowed.
    case refused(String)
    /// The receiver answered ``ReceiveDecision/stop``.
    case refusedByReceiver
    /// The task was cancelled, or the client closed.
    case cancelled
    /// Anything else, with curl's number and words.
    case other(Int32, String)
}
