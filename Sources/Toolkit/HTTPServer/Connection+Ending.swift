// How the server ends a connection, or asks whether it may. It must not know why.

import HTTP

extension Connection {
    /// The server stops: finish what is under way.
    func drain() {
        hearBeforeEnd()
        state.drain(at: bench.loop.now)
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
        guard wasteSince(at: bench.loop.now) != nil else { return false }
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
            refused: state.refusedRequest, identifier: bench.freshIdentifier(),
            at: bench.loop.now)
        exchange.status = rejection.status.code
        let before = output.count
        output.write {
            bench.append(
                rejection, isHead: state.isRefusedHead, identifier: exchange.identifier, to: &$0)
        }
        exchange.bytesSent = output.count - before
        report(wasCut: false)
    }
}
