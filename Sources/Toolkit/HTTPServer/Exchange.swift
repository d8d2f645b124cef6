// One request's answer under way. It must not know how it is sent.

import HTTP
import Posix

/// What a connection remembers of a request until its answer is complete. There is one for each
/// connection, used again for one request after the other.
///
/// `@unchecked Sendable`: confined to its connection's loop.
final class Exchange: @unchecked Sendable {
    /// Counts the exchanges of a connection. A handler that comes back late learns by it whether it
    /// still has somebody to answer.
    typealias Number = Int

    @exclusivity(unchecked) private(set) var number: Number = 0
    /// Whether an answer is under way.
    @exclusivity(unchecked) private(set) var isOpen = false
    @exclusivity(unchecked) private(set) var identifier = ""
    @exclusivity(unchecked) var status = 0
    /// Bytes of the answer so far.
    @exclusivity(unchecked) var bytesSent = 0
    /// Bytes of a stream since it last let others have their turn.
    @exclusivity(unchecked) var bytesSinceYield = 0
    @exclusivity(unchecked) private var request: Request?
    /// What was understood of a request that was refused before it was one.
    @exclusivity(unchecked) private var partial: (method: String, target: String)?
    /// When the loop was told of the request's end.
    @exclusivity(unchecked) private var since = Moment(nanoseconds: 0)

    /// A request is to be answered.
    func begin(_ request: Request, identifier: String, at now: Moment) -> Number {
        self.request = request
        return begin(identifier, at: now)
    }

    /// A request was refused before it was one.
    func begin(
        refused partial: (method: String, target: String)?, identifier: String, at now: Moment
    ) {
        self.partial = partial
        _ = begin(identifier, at: now)
    }

    private func begin(_ identifier: String, at now: Moment) -> Number {
        self.identifier = identifier
        since = now
        status = 0
        bytesSent = 0
        bytesSinceYield = 0
        isOpen = true
        number += 1
        return number
    }

    /// The answer is complete, or never will be.
    func end() {
        isOpen = false
        request = nil
        partial = nil
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
            microseconds: Int((MonotonicClock.nanoseconds - since.nanoseconds) / 1_000),
            wasCut: wasCut)
    }

    private static func shortened(_ target: String) -> String {
        let limit = ServedExchange.targetBytesMax
        guard target.utf8.count > limit else { return target }
        return String(decoding: target.utf8.prefix(limit), as: UTF8.self)
    }
}
