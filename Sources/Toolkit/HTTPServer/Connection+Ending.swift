// How the server ends a connection or refuses its request, and what memory that would free.

import HTTP

extension Connection {
    /// The server stops: finish what is under way.
    func drain() {
        hearBeforeEnd()
        state.drain(at: context.loop.now)
        turn()
    }

    /// The server has stopped: finish nothing.
    func cut() {
        close(withReset: true)
    }

    /// Whose it is, where clients are counted.
    var network: UInt64? {
        if case .client(let network) = slot { network } else { nil }
    }

    /// See ``HTTP/ConnectionState/wasteSince(at:)``.
    func wasteSince(at now: Moment) -> Moment? {
        isOpen && network != nil ? state.wasteSince(at: now) : nil
    }

    /// Closes in favour of another, unless a request has just arrived.
    ///
    /// - Returns: whether it has closed.
    func closeIfIdle() -> Bool {
        hearBeforeEnd()
        guard wasteSince(at: context.loop.now) != nil else { return false }
        close(withReset: false)
        return true
    }

    /// Receives what has arrived already: on a loop with much to do its event may still wait to be
    /// told, and a request must not be lost to a deadline that it has met.
    func hearBeforeEnd() {
        guard isOpen, state.wantsInput else { return }
        receive()
        turn()
    }

    /// Answers a request that never reaches the handler.
    func refuse(_ rejection: Rejection) {
        exchange.begin(
            refused: state.refusedRequest, identifier: context.freshIdentifier(),
            at: context.loop.now)
        exchange.status = rejection.status.code
        let before = output.count
        output.write {
            context.append(
                rejection, isHead: state.isRefusedHead, identifier: exchange.identifier, to: &$0)
        }
        exchange.bytesSent = output.count - before
        report(wasCut: false)
    }
}

extension Connection {
    /// Tells the context when it holds more or less than it did. Most requests arrive and are
    /// answered in one turn, and hold nothing at its end.
    func updateHeldBytes() {
        let now = currentlyHeldBytes
        guard now != heldBytes else { return }
        let before = heldBytes
        heldBytes = now
        context.changeHeldBytes(of: self, from: before, to: now)
    }

    private var currentlyHeldBytes: HeldBytes {
        guard isOpen else { return HeldBytes() }
        let unsent = output.bytesHeld
        guard exchange.isOpen else {
            return HeldBytes(arriving: state.arrivingBytes, unsent: unsent)
        }
        return HeldBytes(atWork: state.bufferedBytes + exchange.requestBytes, unsent: unsent)
    }

    /// See ``HTTP/ConnectionState/arrivingSince``.
    var arrivingSince: Moment? { isOpen && !isTurning ? state.arrivingSince : nil }

    /// Refuses the request that has not arrived as a whole.
    func refuseStalledRequest() {
        state.failWaiters(LoopContext.stalled)
        turn()
    }
}
