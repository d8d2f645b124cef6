// What a refused system call means in the terms of this target.

import CSQLite
import Glibc
import Posix

/// Runs system calls that SQLite does not make, and tells of a refused one as of its own.
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
            case EIO: SQLITE_IOERR
            default: SQLITE_CANTOPEN
            }
        throw SQLiteError(code: code, message: error.description, operation: operation)
    }
}
