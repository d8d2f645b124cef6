// One request's answer under way. It must not know how it is sent.

import HTTP
import Posix

/// What is remembered of a request until its answer is complete.
///
/// Its identity tells whether a handler that comes back late still has somebody to answer.
///
/// `@unchecked Sendable`: its variables are confined to its connection's loop.
final class Exchange: @unchecked Sendable {
    let identifier: String
    let method: Method
    let target: String
    /// When the request was complete: nanoseconds of the monotonic clock.
    let since: Int64
    var status = 0
    /// Bytes of the answer so far.
    var bytesSent = 0
    /// Bytes of a stream since it last let others have their turn.
    var bytesSinceYield = 0

    init(identifier: String, method: Method, target: String, since: Int64) {
        self.identifier = identifier
        self.method = method
        self.target = target
        self.since = since
    }

    /// The line for the access log.
    func served(peer: String, wasCut: Bool) -> ServedExchange {
        ServedExchange(
            id: identifier, peer: peer, method: method.rawValue,
            target: target.utf8.count <= ServedExchange.targetBytesMax
                ? target
                : String(
                    decoding: target.utf8.prefix(ServedExchange.targetBytesMax), as: UTF8.self),
            status: status, bytesSent: bytesSent,
            duration: .nanoseconds(MonotonicClock.nanoseconds - since), wasCut: wasCut)
    }
}
