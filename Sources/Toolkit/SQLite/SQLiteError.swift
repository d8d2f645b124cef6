// Errors of SQLite and of the file system below it. They never hold a bound value: texts of
// statements are constants of the program, values belong to its users.

import CSQLite
import Glibc
import Posix

/// An operation that SQLite, or the file system below it, refused.
package struct SQLiteError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds that callers tell apart (sqlite.org/rescode.html, primary codes).
    package enum Reason: Hashable, Sendable {
        /// Another connection, usually of another program, holds the lock.
        case busy
        case diskFull
        case readOnly
        /// The file, or its folder, cannot be opened or created.
        case cannotOpen
        /// The file was removed, replaced or cut while it was open.
        case moved
        /// Its content is damaged.
        case corrupt
        case notADatabase
        /// The file system's locks or shared memory do not work.
        case locking
        /// A read, write or sync failed.
        case inputOutput
        /// A constraint of the schema.
        case constraint
        /// Written by a newer version of the program.
        case newerSchema
        /// Of a version that no migration leads from.
        case unknownSchema
        /// Used after it was closed.
        case closed
        case other
    }

    /// The extended result code.
    package let code: Int32
    /// SQLite's message.
    package let message: String
    /// The operation: a verb, or the text of the statement.
    package let operation: String

    package init(code: Int32, message: String, operation: String) {
        self.code = code
        self.message = message
        self.operation = operation
    }

    /// The kind of the error.
    package var reason: Reason {
        if code == SQLiteError.movedCode { return .moved }
        if code == SQLiteError.unknownSchemaCode { return .unknownSchema }
        if SQLiteError.lockingCodes.contains(code) { return .locking }
        return switch code & 0xFF {
        case SQLITE_BUSY, SQLITE_LOCKED: .busy
        case SQLITE_FULL: .diskFull
        case SQLITE_READONLY, SQLITE_PERM: .readOnly
        case SQLITE_CANTOPEN: .cannotOpen
        case SQLITE_CORRUPT: .corrupt
        case SQLITE_NOTADB: .notADatabase
        case SQLITE_IOERR: .inputOutput
        case SQLITE_CONSTRAINT: .constraint
        // SQLite itself re-prepares and hardly ever reports it; the Migrator does.
        case SQLITE_SCHEMA: .newerSchema
        case SQLITE_MISUSE: .closed
        default: .other
        }
    }

    package var description: String { "\(operation): \(message) (SQLite code \(code))" }
}

extension SQLiteError {
    /// The code of damaged content, for findings that SQLite itself does not make.
    package static let corruptCode = SQLITE_CORRUPT

    /// The code of a file that is no database of the expected kind.
    package static let notADatabaseCode = SQLITE_NOTADB

    /// `SQLITE_IOERR_SHMOPEN`, for a file system on which there is no write-ahead log.
    static let sharedMemoryCode = SQLITE_IOERR | 18 << 8

    /// `SQLITE_IOERR_UNLOCK`, `_RDLOCK`, `_CHECKRESERVEDLOCK`, `_LOCK`, `_SHMOPEN`, `_SHMSIZE`,
    /// `_SHMLOCK`, `_SHMMAP`, `_MMAP`.
    static let lockingCodes = Set(
        [8, 9, 14, 15, 18, 19, 20, 21, 24].map { SQLITE_IOERR | $0 << 8 })

    /// `SQLITE_READONLY_DBMOVED`.
    static let movedCode = SQLITE_READONLY | 4 << 8

    /// An extended code that SQLite does not have.
    static let unknownSchemaCode = SQLITE_SCHEMA | 255 << 8

    /// `SQLITE_CONSTRAINT_FOREIGNKEY`.
    static let foreignKeyCode = SQLITE_CONSTRAINT | 3 << 8

    static func closed(_ operation: String) -> SQLiteError {
        SQLiteError(code: SQLITE_MISUSE, message: "the database is closed", operation: operation)
    }

    static func newerSchema(found: Int64, known: Int64) -> SQLiteError {
        SQLiteError(
            code: SQLITE_SCHEMA,
            message: "the schema is version \(found), this program knows up to \(known)",
            operation: "migrate")
    }

    static func unknownSchema(found: Int64, first: Int64) -> SQLiteError {
        SQLiteError(
            code: unknownSchemaCode,
            message: "the schema is version \(found), this program knows them from \(first) on",
            operation: "migrate")
    }
}

/// Runs system calls outside of SQLite, and maps their errors to SQLite's codes.
func mapped<Result>(
    _ operation: String, _ body: () throws(SystemError) -> Result
) throws(SQLiteError) -> Result {
    do throws(SystemError) {
        return try body()
    } catch {
        let code =
            switch error.code {
            case ENOSPC, EDQUOT: SQLITE_FULL
            case EROFS, EACCES, EPERM: SQLITE_READONLY
            case EIO, EFBIG: SQLITE_IOERR
            default: SQLITE_CANTOPEN
            }
        throw SQLiteError(code: code, message: error.description, operation: operation)
    }
}
