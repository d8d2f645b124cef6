// The memory that parsing takes: bytes that have arrived, the lines among them, and the parts of
// the request that they become.

import Bytes

/// A queue of bytes, taken from the front.
struct ReceiveBuffer: Sendable {
    private(set) var bytes: [UInt8] = []
    /// Everything before this index has been taken.
    private(set) var start = 0
    /// No line feed lies between `start` and this index: a line that arrives byte by byte is
    /// searched once, not once per byte.
    private var searched = 0

    /// How many bytes wait.
    var count: Int { bytes.count - start }
    /// How much memory it takes, in bytes.
    var heldBytes: Int { bytes.capacity }
    /// The bytes that wait.
    var waiting: ArraySlice<UInt8> { bytes[start...] }

    /// What a search for a line's end found.
    enum Line {
        /// The line has not ended yet.
        case incomplete
        /// Where the line lies, without its CRLF.
        case line(Range<Int>)
        /// Longer than it may be.
        case tooLong
        /// A line feed without a carriage return before it.
        case bareLineFeed
    }

    /// Adds what has arrived.
    mutating func append(_ new: UnsafeRawBufferPointer) {
        if start == bytes.count {
            bytes.removeAll(keepingCapacity: true)
        } else if start > 0 {
            bytes.removeSubrange(0..<start)
        }
        searched = max(0, searched - start)
        start = 0
        bytes.append(contentsOf: new)
    }

    /// Finds the next line from an index on, which is not taken.
    ///
    /// - Parameter bytesMax: how long the line may be, without its end.
    mutating func line(from first: Int, bytesMax: Int) -> Line {
        let end = min(bytes.count, first + bytesMax + 2)
        let from = min(max(first, searched), end)
        let index = ByteScan.first(Byte.lineFeed, in: bytes.span, from..<end)
        if index >= end {
            searched = max(searched, end)
            return end - first == bytesMax + 2 ? .tooLong : .incomplete
        }
        searched = index + 1
        guard index > first, bytes[index - 1] == Byte.carriageReturn else { return .bareLineFeed }
        return .line(first..<index - 1)
    }

    /// Takes bytes from the front, up to an index.
    mutating func take(upTo index: Int) {
        start = index
        searched = max(searched, index)
    }

    /// Takes at most this many bytes from the front and adds them to an array.
    ///
    /// - Returns: how many bytes.
    mutating func take(atMost wanted: Int, into target: inout [UInt8]) -> Int {
        let length = min(wanted, count)
        target.append(contentsOf: bytes[start..<start + length])
        take(upTo: start + length)
        return length
    }
}

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

    /// Makes the parts empty and uniquely referenced: the last request's are used again unless that
    /// request is still held.
    mutating func makePartsOwn() {
        if own != nil, isKnownUniquelyReferenced(&own) {
            parts.removeAll()
        } else {
            own = RequestParts()
        }
    }

    /// Lends memory to a connection that has none.
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
