// What a connection holds of requests without an answer and of answers, and how it gives that up.
// It must not decide when.

import HTTP

extension Connection {
    /// Tells the workbench when it holds more or less than it did. Most requests arrive and are
    /// answered in one turn, and hold nothing at its end.
    func tellHolding() {
        let unsent = isOpen ? output.bytesHeld : 0
        if unsent != toldUnsent {
            bench.changeUnsent(by: unsent - toldUnsent, of: network)
            toldUnsent = unsent
        }
        let holding = holding
        guard holding != toldHolding else { return }
        let before = toldHolding
        toldHolding = holding
        bench.changeHolding(of: self, from: before, to: holding)
    }

    private var holding: Holding {
        guard isOpen else { return Holding() }
        guard exchange.isOpen else { return Holding(arriving: state.arrivingBytes) }
        return Holding(atWork: state.bufferedBytes + exchange.requestBytes)
    }

    /// See ``HTTP/ConnectionState/arrivingSince``.
    var arrivingSince: Moment? { isOpen && !isTurning ? state.arrivingSince : nil }

    /// Refuses the request that has not arrived as a whole.
    func giveUpRequest() {
        state.turnAway(Workbench.overfull)
        turn()
    }
}
