// One request and its answer, under way or just complete, and the observer that is told of it: one
// line of the access log.

package import HTTP
import Posix

/// What a connection remembers of a request until its answer is complete, and what the observer may
/// read then. There is one for each connection, used again for one request after the other: an
/// observer must not keep it.
///
/// `@unchecked Sendable`: confined to its connection's loop.
package final class Exchange: @unchecked Sendable {
    /// Counts the exchanges of a connection. A handler that comes back late learns by it whether it
    /// still has a client to answer.
    typealias Number = Int

    /// How much of a target is told. A log line should stay readable.
    package static let targetBytesMax = 512

    /// The client's address without its port.
    package let peer: String
    /// What the answer carries as `X-Request-ID`.
    package var identifier: String { facts.identifier }
    /// The status of the answer; 0 when the connection was gone before one began.
    package var status: Int {
        get { facts.status }
        set { facts.status = newValue }
    }
    /// Bytes of the answer so far, head included.
    package var bytesSent: Int {
        get { facts.bytesSent }
        set { facts.bytesSent = newValue }
    }
    /// From the end of the request to the end of the answer, in microseconds.
    package var microseconds: Int { facts.microseconds }
    /// When the answer was complete, or it was known that it never would be.
    package var ended: Moment { facts.ended }
    /// Whether the connection went away, or was cut, before the answer was complete.
    package var wasCut: Bool { facts.wasCut }

    /// What an observer reads. In one private place, since from another module every access to a
    /// variable of its own would be checked for exclusivity.
    private struct Facts {
        var identifier = ""
        var status = 0
        var bytesSent = 0
        var microseconds = 0
        var ended = Moment(nanoseconds: 0)
        var wasCut = false
    }

    @exclusivity(unchecked) private var facts = Facts()
    @exclusivity(unchecked) private(set) var number: Number = 0
    /// Whether an answer is under way.
    @exclusivity(unchecked) private(set) var isOpen = false
    /// Bytes of a stream since it last let others have their turn.
    @exclusivity(unchecked) var bytesSinceYield = 0
    @exclusivity(unchecked) private var request: Request?
    /// What was understood of a request that was refused before it was one.
    @exclusivity(unchecked) private var partial: (method: String, target: String)?
    /// When the loop was told of the request's end.
    @exclusivity(unchecked) private var since = Moment(nanoseconds: 0)

    package init(peer: String) {
        self.peer = peer
    }

    /// A request is to be answered.
    package func begin(_ request: Request, identifier: String, at now: Moment) {
        self.request = request
        begin(identifier, at: now)
    }

    /// A request was refused before it was one.
    func begin(
        refused partial: (method: String, target: String)?, identifier: String, at now: Moment
    ) {
        self.partial = partial
        begin(identifier, at: now)
    }

    private func begin(_ identifier: String, at now: Moment) {
        facts = Facts(identifier: identifier)
        since = now
        bytesSinceYield = 0
        isOpen = true
        number += 1
    }

    /// The answer is complete, or never will be: the observer's turn.
    func served(wasCut: Bool) {
        facts.ended = Moment(nanoseconds: MonotonicClock.nanoseconds)
        facts.microseconds = Int((facts.ended.nanoseconds - since.nanoseconds) / 1_000)
        facts.wasCut = wasCut
    }

    /// Forgets the request.
    func end() {
        isOpen = false
        request = nil
        if partial != nil { partial = nil }
    }

    /// How much memory the request takes, in bytes.
    var requestBytes: Int { request?.heldBytes ?? 0 }

    /// The request's method, a token; `-` when the request line was not understood.
    package var methodName: String {
        if let request { return request.methodName }
        return partial?.method ?? "-"
    }

    /// Lends the request target as sent, at most ``targetBytesMax`` bytes of it; `-` when the
    /// request line was not understood. Hostile text: escape it.
    package func withTarget(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        if let request { return request.withTarget { body(Exchange.shortened($0)) } }
        var target = partial?.target ?? "-"
        target.withUTF8 { body(Exchange.shortened($0)) }
    }

    private static func shortened(
        _ target: UnsafeBufferPointer<UInt8>
    ) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: target.prefix(targetBytesMax))
    }
}

/// Is told of each answer, those to malformed requests included. Called on an event loop: it must
/// not block.
package protocol ServerObserving: AnyObject, Sendable {
    /// The last byte of an answer was handed over, or the connection was cut before it.
    ///
    /// - Parameter exchange: to be read now, and not to be kept.
    func served(_ exchange: Exchange)

    /// Who is told of one loop's answers, and of no other's: called once for each loop, so that
    /// loops need not wait for each other there.
    func onLoop() -> any ServerObserving
}

extension ServerObserving {
    package func onLoop() -> any ServerObserving { self }
}
