// What a refusal of the database means to whoever runs the service, and what to do about it.

import Jobs
import SQLite

/// Puts database errors into the domain's words.
enum StoreFailure {
    /// The domain's error, with advice.
    static func jobError(for error: SQLiteError, at path: String) -> JobError {
        switch error.reason {
        case .closed: .stopping
        default: .storeFailed("\(advice(for: error.reason, at: path)) (\(error))")
        }
    }

    /// The error for content that is not what this store writes.
    static func damage(_ finding: String) -> SQLiteError {
        SQLiteError(code: SQLiteError.corruptCode, message: finding, operation: "check")
    }

    private static func advice(for reason: SQLiteError.Reason, at path: String) -> String {
        switch reason {
        case .busy:
            "Another program has kept the database \(path) locked. End it (a second service, a "
                + "sqlite3 shell in a transaction) and try again."
        case .diskFull:
            "The disk that holds \(path) is full. Free some space; nothing was lost."
        case .readOnly:
            "\(path) cannot be written. Give the service's user the right to write the file and "
                + "its folder, and mount the volume for writing."
        case .cannotOpen:
            "\(path) cannot be opened or created. Make sure that its folder exists and that the "
                + "service's user may write there, and that a new file has a free name."
        case .corrupt:
            "The database \(path) is damaged. Stop the service, then run make restore-db (or "
                + "download-service restore), which puts the newest backup in its place and keeps "
                + "the damaged file."
        case .notADatabase:
            "\(path) is not a SQLite database. Point DATABASE_URL at another file, or run make "
                + "restore-db (or download-service restore), which puts the newest backup in its "
                + "place and keeps this file."
        case .inputOutput:
            "The disk that holds \(path) refuses to read or write. Look for disk errors in the "
                + "system's log; restore the newest backup if they persist."
        case .constraint:
            "The database refused a change that would have left an illegal state. Nothing was "
                + "changed; please report this."
        case .newerSchema:
            "The database \(path) was written by a newer version of this service. Run that "
                + "version, or restore a backup that was made before the upgrade."
        case .closed, .other:
            "The database \(path) failed."
        }
    }
}
