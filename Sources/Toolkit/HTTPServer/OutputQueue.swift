// What waits to be sent on one connection: bytes, and behind them perhaps a part of a file.

import HTTP
import Posix

/// A queue of bytes, and at its end a file. Small pieces are joined; large ones are kept as they
/// are, so that a body is not copied on its way out.
struct OutputQueue {
    /// A piece this large is not joined to others: a copy would cost more than a second piece.
    private static let largeBytes = 16 * 1024
    /// Storage up to this size is used again: a turn's worth of small answers.
    private static let keptBytes = 64 * 1024
    /// How much of a file is sent, or fetched from the disk, before other connections have their
    /// turn: a third of a millisecond's work, which no neighbour feels, and for which the price of
    /// waiting for the next turn is nothing. nginx's sendfile_max_chunk is the same.
    private static let fileBytesPerTurn = 2 * 1024 * 1024

    private var first: [UInt8] = []
    /// How much of the first piece has been sent.
    private var offset = 0
    private var rest: [[UInt8]] = []
    private var file: FileRegion?
    /// How much of the file is known to be in memory.
    private var fileBytesReady = 0
    /// What has to be fetched from the disk before sending can go on; see ``fetched()``.
    private(set) var missing: FileRegion?
    /// Bytes that wait.
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }
    /// Bytes that wait and are held in memory.
    var bytesHeld: Int { count - (file?.length ?? 0) }
    /// Whether a file has not been sent to its end.
    var hasFile: Bool { file != nil }

    /// Lets the closure write at the end.
    mutating func write(_ body: (inout [UInt8]) -> Void) {
        precondition(file == nil, "nothing can follow before a file is sent")
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
        precondition(file == nil, "nothing can follow before a file is sent")
        if piece.count < OutputQueue.largeBytes {
            write { $0.append(contentsOf: piece) }
        } else {
            count += piece.count
            rest.append(piece)
            // What follows must not be joined to the caller's array.
            rest.append([])
        }
    }

    /// Adds a part of a file at the end, which is kept open until it is sent or given up.
    mutating func append(_ region: FileRegion) {
        precondition(file == nil, "nothing can follow before a file is sent")
        guard region.length > 0 else { return }
        count += region.length
        file = region
        fileBytesReady = 0
    }

    /// Sends what the kernel takes, or of a file what one turn allows.
    ///
    /// - Returns: whether anything was taken.
    /// - Throws: ``SystemError`` when the connection is broken, or the file is.
    mutating func send(on socket: borrowing StreamSocket) throws(SystemError) -> Bool {
        var hasMoved = false
        while count > (file?.length ?? 0) {
            let sent = try sendOnce(on: socket)
            guard let sent else { return hasMoved }
            hasMoved = true
            drop(sent)
        }
        return try sendFile(on: socket) || hasMoved
    }

    /// What was missing is in memory now, or never will be.
    mutating func fetched() {
        fileBytesReady = missing?.length ?? 0
        missing = nil
    }

    /// Forgets everything, and lets go of the file.
    mutating func discard() {
        first.removeAll(keepingCapacity: true)
        rest.removeAll()
        offset = 0
        file = nil
        missing = nil
        count = 0
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
        guard let second = rest.first else {
            return try socket.send(one, moreFollows: file != nil)
        }
        // An empty first piece would be a second vector for nothing.
        return one.isEmpty
            ? try socket.send(second.span.bytes) : try socket.send(one, second.span.bytes)
    }

    /// Sends of the file what lies in memory, until the kernel takes no more or the turn is over.
    private mutating func sendFile(on socket: borrowing StreamSocket) throws(SystemError) -> Bool {
        var allowance = OutputQueue.fileBytesPerTurn
        while let region = file, allowance > 0, isReady(region) {
            let wanted = min(allowance, fileBytesReady)
            let sent = try socket.sendFile(region.number, region.part(0..<wanted).range)
            guard let sent else { break }
            allowance -= sent
            fileBytesReady -= sent
            count -= sent
            file = sent == region.length ? nil : region.part(sent..<region.length)
            // The kernel is full, or the file has become shorter: the next turn will tell.
            if sent < wanted { break }
        }
        return allowance < OutputQueue.fileBytesPerTurn
    }

    /// Whether the file's next bytes are in memory. sendfile(2) waits for the disk where they are
    /// not, and every connection of the loop would wait with it.
    private mutating func isReady(_ region: FileRegion) -> Bool {
        if fileBytesReady > 0 { return true }
        guard missing == nil else { return false }
        let next = region.part(0..<min(region.length, OutputQueue.fileBytesPerTurn))
        guard FilePages.areInMemory(next.number, next.range) else {
            missing = next
            return false
        }
        fileBytesReady = next.length
        return true
    }

    private mutating func drop(_ sent: Int) {
        count -= sent
        offset += sent
        while offset >= first.count, !rest.isEmpty {
            offset -= first.count
            first = rest.removeFirst()
        }
        if count == (file?.length ?? 0) {
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
