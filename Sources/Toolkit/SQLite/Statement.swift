// A prepared statement and the ways to run it. It must not know who caches it.

import CSQLite

/// A prepared statement. Confined to its connection; reset after every use, on every path, so that
/// no read transaction stays open behind it.
package final class Statement {
    /// The text that it was prepared from.
    package let text: String
    /// Whether somebody uses it at present; the business of the connection's cache.
    var isLent = false
    private let handle: OpaquePointer
    private let connection: OpaquePointer
    private let parameterCount: Int

    init(_ text: String, on connection: OpaquePointer) throws(SQLiteError) {
        var handle: OpaquePointer?
        let code = text.withCString { bytes in
            // PERSISTENT: these live in the cache for as long as the connection does.
            sqlite3_prepare_v3(
                connection, bytes, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
        }
        guard code == SQLITE_OK, let handle else {
            throw SQLiteError(
                code: code == SQLITE_OK ? SQLITE_ERROR : code,
                message: code == SQLITE_OK
                    ? "there is no statement in it" : String(cString: sqlite3_errmsg(connection)),
                operation: text)
        }
        self.text = text
        self.handle = handle
        self.connection = connection
        self.parameterCount = Int(sqlite3_bind_parameter_count(handle))
    }

    deinit {
        sqlite3_finalize(handle)
    }

    /// Runs it to its end, ignoring rows.
    package func run(_ values: [SQLValue] = []) throws(SQLiteError) {
        try bind(values)
        defer { rest() }
        while try step() {}
    }

    /// Runs it and reads every row.
    package func rows<Element>(
        _ values: [SQLValue] = [], _ read: (borrowing Row) throws -> Element
    ) throws -> [Element] {
        try bind(values)
        defer { rest() }
        var elements: [Element] = []
        while try step() {
            elements.append(try read(Row(of: handle)))
        }
        return elements
    }

    /// Runs it and reads the first row, `nil` where there is none.
    ///
    /// The statement is run to its end all the same, so that one that changes something and
    /// returns it is whole.
    package func first<Element>(
        _ values: [SQLValue] = [], _ read: (borrowing Row) throws -> Element
    ) throws -> Element? {
        try bind(values)
        defer { rest() }
        guard try step() else { return nil }
        let element = try read(Row(of: handle))
        while try step() {}
        return element
    }

    private func bind(_ values: [SQLValue]) throws(SQLiteError) {
        precondition(values.count == parameterCount, "one value for each parameter: \(text)")
        for (offset, value) in values.enumerated() {
            let code = bind(value, at: Int32(offset + 1))
            guard code == SQLITE_OK else {
                rest()
                throw failure(code)
            }
        }
    }

    private func bind(_ value: SQLValue, at index: Int32) -> Int32 {
        switch value {
        case .null: return sqlite3_bind_null(handle, index)
        case .integer(let number): return sqlite3_bind_int64(handle, index, number)
        case .real(let number): return sqlite3_bind_double(handle, index, number)
        case .text(var text):
            return text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) { characters in
                    // An empty buffer may have no address, which would bind NULL.
                    guard let start = characters.baseAddress else {
                        return csqlite_bind_text(handle, index, "", 0)
                    }
                    return csqlite_bind_text(handle, index, start, Int32(characters.count))
                }
            }
        case .blob(let bytes):
            return bytes.withUnsafeBytes { bytes in
                guard let start = bytes.baseAddress, !bytes.isEmpty else {
                    return sqlite3_bind_zeroblob(handle, index, 0)
                }
                return csqlite_bind_blob(handle, index, start, Int32(bytes.count))
            }
        }
    }

    /// Whether there is a row.
    private func step() throws(SQLiteError) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw failure(code)
        }
    }

    /// Resets it and drops its values. Its result repeats the last step's and is of no use.
    private func rest() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }

    private func failure(_ code: Int32) -> SQLiteError {
        SQLiteError(
            code: code, message: String(cString: sqlite3_errmsg(connection)), operation: text)
    }
}

/// A statement belongs to one connection, and that to one thread at a time.
@available(*, unavailable)
extension Statement: Sendable {}
