// One request's answer under way. It must not know how it is sent.

import HTTP
import Posix

/// What is remembered of a request until its answer is complete.
///
/// Its identity tells whether a handler that comes back late still has somebody to answer.
///
/// `@unchecked Sendable`: its variables are confined to its connection's loop.
final class Exchange: @unchecked Sendable {
    /// The request; `nil` when it was refused before it was one.
    let request: Request?
    let identifier: String
    /// When the request was complete: nanoseconds of the monotonic clock.
    let since: Int64
    @exclusivity(unchecked) var status = 0
    /// Bytes of the answer so far.
    @exclusivity(unchecked) var bytesSent = 0
    /// Bytes of a stream since it last let others have their turn.
    @exclusivity(unchecked) var bytesSinceYield = 0
    /// What was understood of a request that was refused.
    private let partial: (method: String, target: String)?

    init(_ request: Request, since: Int64) {
        self.request = request
        identifier = request.id
        self.since = since
        partial = nil
    }

    init(refused partial: (method: String, target: String)?, identifier: String, since: Int64) {
        request = nil
        self.identifier = identifier
        self.since = since
        self.partial = partial
    }

    /// Whether the answer may not have content.
    var isHead: Bool { request?.method == .head || partial?.method == "HEAD" }

    /// The line for the access log.
    func served(peer: String, wasCut: Bool) -> ServedExchange {
        ServedExchange(
            id: identifier, peer: peer,
            method: request?.method.rawValue ?? partial?.method ?? "-",
            target: Exchange.shortened(request?.target ?? partial?.target ?? "-"),
            status: status, bytesSent: bytesSent,
            duration: .nanoseconds(MonotonicClock.nanoseconds - since), wasCut: wasCut)
    }

    private static func shortened(_ target: String) -> String {
        let limit = ServedExchange.targetBytesMax
        guard target.utf8.count > limit else { return target }
        return String(decoding: target.utf8.prefix(limit), as: UTF8.self)
    }
}
