// A few read-only connections, so that reads wait neither for the writer nor for long.

import Synchronization

/// Read-only connections that are handed to one reader at a time.
package final class ReaderPool: Sendable {
    /// A connection behind its lock; a class, because a lock cannot be an element of an array.
    private final class Reader: Sendable {
        let database: Mutex<Database>

        init(path: String, access: Database.Access) throws {
            database = Mutex(try Database(path: path, access: access))
        }
    }

    private let readers: [Reader]
    private let nextIndex = Atomic<Int>(0)

    /// - Parameters:
    ///   - count: at least as many as threads that read, so that none of them waits.
    ///   - access: `plain` if no writer has the file open: a read-only connection alone cannot open
    ///     its log.
    package init(
        path: String, count: Int, access: Database.Access = .readOnly
    ) throws {
        precondition(count > 0, "a pool has a connection")
        var readers: [Reader] = []
        for _ in 0..<count {
            readers.append(try Reader(path: path, access: access))
        }
        self.readers = readers
    }

    /// Runs the body with exclusive use of a connection.
    ///
    /// Does not suspend. If all connections are in use it blocks for as long as a read takes.
    package func read<Result: Sendable>(_ body: (Database) throws -> Result) throws -> Result {
        let start = nextIndex.wrappingAdd(1, ordering: .relaxed).oldValue
        for offset in readers.indices {
            let reader = readers[(start &+ offset) % readers.count]
            if let result = try reader.database.withLockIfAvailable({ try body($0) }) {
                return result
            }
        }
        return try readers[start % readers.count].database.withLock { try body($0) }
    }

    /// Closes the connections, each when its reader is done; later reads are refused.
    package func close() {
        for reader in readers {
            reader.database.withLock { $0.close() }
        }
    }
}
