// A prepared statement, the values that it binds and the rows that it returns.

import CSQLite

/// A prepared statement. Confined to its connection; reset after every use, on every path, so that
/// no read transaction stays open behind it.
package final class Statement {
    /// The text that it was prepared from.
    package let text: String
    /// Whether it is in use; managed by the connection's cache.
    var isLent = false
    private let handle: OpaquePointer
    private let connection: OpaquePointer
    private let parameterCount: Int

    init(_ text: String, on connection: OpaquePointer) throws(SQLiteError) {
        var handle: OpaquePointer?
        let code = text.withCString { bytes in
            // PERSISTENT: the cache keeps statements as long as the connection is open.
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
        defer { reset() }
        while try step() {}
    }

    /// Runs it and reads every row.
    package func rows<Element>(
        _ values: [SQLValue] = [], _ read: (borrowing Row) throws -> Element
    ) throws -> [Element] {
        try bind(values)
        defer { reset() }
        var elements: [Element] = []
        while try step() {
            elements.append(try read(Row(of: handle)))
        }
        return elements
    }

    /// Runs it and reads the first row, `nil` if there is none.
    ///
    /// The statement still runs to its end, so that one that changes and returns rows changes all
    /// of them.
    package func first<Element>(
        _ values: [SQLValue] = [], _ read: (borrowing Row) throws -> Element
    ) throws -> Element? {
        try bind(values)
        defer { reset() }
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
                reset()
                throw failure(code)
            }
        }
    }

    private func bind(_ value: SQLValue, at index: Int32) -> Int32 {
        switch value {
        case .null: return sqlite3_bind_null(handle, index)
        case .integer(let number): return sqlite3_bind_int64(handle, index, number)
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

    /// Resets it and drops its values. The result repeats the last step's and is ignored.
    private func reset() {
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

/// A row under the cursor; columns count from 0. Non-copyable and only borrowed, so that it cannot
/// outlive the statement's step.
package struct Row: ~Copyable {
    private let statement: OpaquePointer

    init(of statement: OpaquePointer) {
        self.statement = statement
    }

    /// Whether the column is NULL.
    private func isNull(_ column: Int32) -> Bool {
        sqlite3_column_type(statement, column) == SQLITE_NULL
    }

    /// The column as a number; 0 for NULL and for text without digits.
    package func integer(_ column: Int32) -> Int64 {
        sqlite3_column_int64(statement, column)
    }

    /// The column as a number, `nil` for NULL.
    package func integerIfAny(_ column: Int32) -> Int64? {
        isNull(column) ? nil : integer(column)
    }

    /// The column as text; empty for NULL. Invalid UTF-8 is repaired.
    package func text(_ column: Int32) -> String {
        // The text first: reading its length before could convert the value twice.
        guard let bytes = sqlite3_column_text(statement, column) else { return "" }
        let count = Int(sqlite3_column_bytes(statement, column))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    /// Lends the bytes of the column's text; none for NULL.
    package func withText<Result>(
        _ column: Int32, _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        let bytes = sqlite3_column_text(statement, column)
        let count = bytes == nil ? 0 : Int(sqlite3_column_bytes(statement, column))
        return body(UnsafeBufferPointer(start: bytes, count: count))
    }

    /// The column as text, `nil` for NULL.
    package func textIfAny(_ column: Int32) -> String? {
        isNull(column) ? nil : text(column)
    }

    /// The column's bytes; empty for NULL.
    package func blob(_ column: Int32) -> [UInt8] {
        guard let bytes = sqlite3_column_blob(statement, column) else { return [] }
        return Array(
            UnsafeRawBufferPointer(
                start: bytes, count: Int(sqlite3_column_bytes(statement, column))))
    }
}

/// A value on its way into a statement.
package enum SQLValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])
}

extension SQLValue {
    /// The number, or NULL.
    package init(_ number: Int64?) {
        self = number.map(SQLValue.integer) ?? .null
    }

    /// The number, or NULL.
    package init(_ number: Int?) {
        self = number.map { .integer(Int64($0)) } ?? .null
    }

    /// The text, or NULL.
    package init(_ text: String?) {
        self = text.map(SQLValue.text) ?? .null
    }
}

extension SQLValue: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByNilLiteral
{
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(stringLiteral value: String) { self = .text(value) }
    package init(nilLiteral: ()) { self = .null }
}
