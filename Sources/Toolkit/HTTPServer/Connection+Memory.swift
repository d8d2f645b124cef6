// What a connection holds of requests without an answer and of answers, and how it gives that up.

import HTTP

extension Connection {
    /// Tells the workbench when it holds more or less than it did. Most requests arrive and are
    /// answered in one turn, and hold nothing at its end.
    func updateHeldBytes() {
        let now = currentlyHeldBytes
        guard now != heldBytes else { return }
        let before = heldBytes
        heldBytes = now
        bench.changeHeldBytes(of: self, from: before, to: now)
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
        state.turnAway(Workbench.stalled)
        turn()
    }
}
