// The memory that parsing takes, lent to whichever connection has a request on its way. It must not
// know what the bytes mean.

/// The bytes that have arrived and the parts of the request that they become.
///
/// Nothing of it need outlive a request, so that the connections of one loop can lend it to each
/// other: idle ones hold none, and a busy one allocates nothing for a request. What does outlive it
/// is there to be compared with: a client that polls sends the same head time and again.
package struct ParserStorage: Sendable {
    /// A buffer that grew beyond this is given back to the system: one large request must not cost
    /// memory for ever.
    private static let keptBytesMax = 64 * 1024

    var buffer = ReceiveBuffer()
    private var own: RequestParts?
    /// What the head in the parts asks of its answer, while another request may be the same: `nil`
    /// where it said more than the parts tell.
    private var repeatable: AnswerTerms?

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
        repeatable = nil
        if own != nil, isKnownUniquelyReferenced(&own) {
            parts.removeAll()
        } else {
            own = RequestParts()
        }
    }

    /// A longer head is not worth the look at all of it.
    private static let repeatedBytesMax = 4 * 1024

    /// The parts tell all that there is to tell of the request but what its answer must respect.
    mutating func becomeRepeatable(_ terms: AnswerTerms) {
        if parts.headers.bytes.count <= ParserStorage.repeatedBytesMax { repeatable = terms }
    }

    /// Takes a head from the front of the buffer that is the last one byte for byte, so that the
    /// parts are its own as they are.
    ///
    /// - Returns: what its answer must respect; `nil` for any other head, which is still there.
    mutating func takeRepeatedHead() -> AnswerTerms? {
        guard let terms = repeatable, isKnownUniquelyReferenced(&own) else {
            return nil
        }
        let length = parts.headers.bytes.count
        let end = buffer.start + length
        // The last head was perhaps another client's, with its token: how long the comparison takes
        // must not tell how much of it was guessed.
        guard buffer.count >= length,
            parts.headers.lie(in: buffer.bytes.span, buffer.start..<end)
        else { return nil }
        buffer.take(upTo: end)
        return terms
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
