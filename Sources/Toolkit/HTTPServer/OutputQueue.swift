// Bytes that wait to be sent on one connection. It must not know what they are.

import Posix

/// A queue of bytes. Small pieces are joined; large ones are kept as they are, so that a body is
/// not copied on its way out.
struct OutputQueue {
    /// A piece this large is not joined to others: a copy would cost more than a second piece.
    private static let largeBytes = 16 * 1024
    /// Storage up to this size is used again: a turn's worth of small answers.
    private static let keptBytes = 64 * 1024

    private var first: [UInt8] = []
    /// How much of the first piece has been sent.
    private var offset = 0
    private var rest: [[UInt8]] = []
    /// Bytes that wait.
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    /// Lets the closure write at the end.
    mutating func write(_ body: (inout [UInt8]) -> Void) {
        if rest.isEmpty {
            let before = first.count
            body(&first)
            count += first.count - before
        } else {
            let last = rest.count - 1
            let before = rest[last].count
            body(&rest[last])
            count += rest[last].count - before
        }
    }

    /// Adds a piece at the end.
    mutating func append(_ piece: [UInt8]) {
        if piece.count < OutputQueue.largeBytes {
            write { $0.append(contentsOf: piece) }
        } else {
            count += piece.count
            rest.append(piece)
            // What follows must not be joined to the caller's array.
            rest.append([])
        }
    }

    /// Sends what the kernel takes.
    ///
    /// - Returns: whether it took anything.
    /// - Throws: ``SystemError`` when the connection is broken.
    mutating func send(on socket: borrowing StreamSocket) throws(SystemError) -> Bool {
        var hasMoved = false
        while count > 0 {
            let sent = try sendOnce(on: socket)
            guard let sent else { return hasMoved }
            hasMoved = true
            drop(sent)
        }
        return hasMoved
    }

    /// Takes storage for what is about to be written, unless there is some.
    mutating func borrowStorage(from spare: inout [UInt8]) {
        if isEmpty, first.capacity == 0 { swap(&first, &spare) }
    }

    /// Gives the storage back once it is empty: idle connections hold none.
    mutating func returnStorage(to spare: inout [UInt8]) {
        guard isEmpty, first.capacity > 0 else { return }
        if spare.capacity == 0 { swap(&first, &spare) } else { first = [] }
    }

    private func sendOnce(on socket: borrowing StreamSocket) throws(SystemError) -> Int? {
        let one = first.span.bytes.extracting(offset..<first.count)
        guard let second = rest.first else { return try socket.send(one) }
        // An empty first piece would be a second vector for nothing.
        return one.isEmpty
            ? try socket.send(second.span.bytes) : try socket.send(one, second.span.bytes)
    }

    private mutating func drop(_ sent: Int) {
        count -= sent
        offset += sent
        while offset >= first.count, !rest.isEmpty {
            offset -= first.count
            first = rest.removeFirst()
        }
        if count == 0 {
            // A large piece may be the handler's own array, and is not worth keeping.
            if first.capacity > OutputQueue.keptBytes {
                first = []
            } else {
                first.removeAll(keepingCapacity: true)
            }
            offset = 0
        }
    }
}
