// What the program may learn of each answered request: one access-log line's worth.

/// Is told of each answer, those to malformed requests included. Called on an event loop: it must
/// not block.
package protocol ServerObserving: AnyObject, Sendable {
    /// The last byte of an answer was handed over, or the connection was cut before it.
    func served(_ exchange: ServedExchange)
}

/// One request and how it was answered.
package struct ServedExchange: Sendable {
    /// What the answer carries as `X-Request-ID`.
    package var id: String
    /// The client's address without its port.
    package var peer: String
    /// The request's method; `-` when the request line was not understood.
    package var method: String
    /// The request target as sent, at most ``targetBytesMax`` bytes of it; `-` when the request
    /// line was not understood. Hostile text: escape it.
    package var target: String
    /// The status of the answer; 0 when the connection was gone before one began.
    package var status: Int
    /// Bytes of the answer, head included.
    package var bytesSent: Int
    /// From the end of the request to the end of the answer, in microseconds.
    package var microseconds: Int
    /// Whether the connection went away, or was cut, before the answer was complete.
    package var wasCut: Bool

    package init(
        id: String, peer: String, method: String, target: String, status: Int, bytesSent: Int,
        microseconds: Int, wasCut: Bool = false
    ) {
        self.id = id
        self.peer = peer
        self.method = method
        self.target = target
        self.status = status
        self.bytesSent = bytesSent
        self.microseconds = microseconds
        self.wasCut = wasCut
    }

    /// How much of a target is kept. A log line should stay readable.
    package static let targetBytesMax = 512
}
