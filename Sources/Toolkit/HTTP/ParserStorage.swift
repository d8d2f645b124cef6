// The memory that parsing takes, lent to whichever connection has a request on its way. It must not
// know what the bytes mean.

/// The bytes that have arrived and the parts of the request that they become.
///
/// Nothing of it need outlive a request, so that the connections of one loop can lend it to each
/// other: idle ones hold none, and a busy one allocates nothing for a request.
package struct ParserStorage: Sendable {
    /// A buffer that grew beyond this is given back to the system: one large request must not cost
    /// memory for ever.
    private static let keptBytesMax = 64 * 1024

    var buffer = ReceiveBuffer()
    private var own: RequestParts?

    package init() {}

    /// The parts of the request under way.
    var parts: RequestParts {
        guard let own else { preconditionFailure("parts are made at the request line") }
        return own
    }

    /// How much memory it takes, in bytes.
    var heldBytes: Int { buffer.heldBytes + (own?.heldBytes ?? 0) }

    /// Makes the parts empty, and nobody else's: the last request's are used again unless somebody
    /// still holds that request.
    mutating func makePartsOwn() {
        if own != nil, isKnownUniquelyReferenced(&own) {
            parts.removeAll()
        } else {
            own = RequestParts()
        }
    }

    /// Gives memory to somebody who has none.
    mutating func lend(to other: inout ParserStorage) {
        if other.isBare { swap(&self, &other) }
    }

    /// Takes memory back, unless there is some already.
    mutating func takeBack(from other: inout ParserStorage) {
        if other.isBare { return }
        if isBare, other.buffer.heldBytes <= ParserStorage.keptBytesMax,
            other.own.map({ $0.body.capacity <= RequestParts.keptBodyBytesMax }) ?? true
        {
            swap(&self, &other)
        } else {
            other = ParserStorage()
        }
    }

    private var isBare: Bool { own == nil && buffer.heldBytes == 0 }
}
