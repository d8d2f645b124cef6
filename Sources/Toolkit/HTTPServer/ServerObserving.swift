// What the program may learn of each answered request: one access-log line's worth.

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
