// One row of a result while the statement stands on it. It must not outlive that: being
// non-copyable and only ever lent out, it cannot.

import CSQLite

/// A row under the cursor. Columns count from 0.
package struct Row: ~Copyable {
    private let statement: OpaquePointer

    init(of statement: OpaquePointer) {
        self.statement = statement
    }

    /// Whether the column is NULL.
    package func isNull(_ column: Int32) -> Bool {
        sqlite3_column_type(statement, column) == SQLITE_NULL
    }

    /// The column as a number; 0 for NULL and for text that is none.
    package func integer(_ column: Int32) -> Int64 {
        sqlite3_column_int64(statement, column)
    }

    /// The column as a number, `nil` for NULL.
    package func integerIfAny(_ column: Int32) -> Int64? {
        isNull(column) ? nil : integer(column)
    }

    /// The column as a floating-point number; 0 for NULL.
    package func real(_ column: Int32) -> Double {
        sqlite3_column_double(statement, column)
    }

    /// The column as text; empty for NULL. Invalid UTF-8 is repaired.
    package func text(_ column: Int32) -> String {
        // The text first: asking for its length before could convert the value twice.
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
