// What a connection holds of requests that have no answer yet, in memory. It must not know what
// other connections hold.

extension ConnectionState {
    /// How much a request that has not arrived as a whole takes, 0 without one, in bytes.
    package var arrivingBytes: Int {
        phase == .receiving && !parser.isIdle ? parser.storage.heldBytes : 0
    }

    /// How much has arrived behind the request that is being answered, in bytes.
    package var bufferedBytes: Int { parser.storage.buffer.heldBytes }

    /// When something of the request that has not arrived as a whole last came; `nil` without one.
    package var arrivingSince: Moment? {
        phase == .receiving && !parser.isIdle && overdue == nil ? lastArrival : nil
    }

    /// Gives the connection memory for what is about to arrive.
    package mutating func borrowStorage(from spare: inout ParserStorage) {
        if parser.isIdle { spare.lend(to: &parser.storage) }
    }

    /// Takes the memory back, unless a part of a request waits in it.
    package mutating func returnStorage(to spare: inout ParserStorage) {
        if parser.isIdle {
            spare.takeBack(from: &parser.storage)
        } else if phase != .receiving, phase != .responding {
            // Whatever it was, nobody will read it any more.
            parser.forget()
        }
    }

    /// The connection is closed: its memory goes, whoever still holds the connection.
    package mutating func letGo() {
        parser.forget()
    }
}
