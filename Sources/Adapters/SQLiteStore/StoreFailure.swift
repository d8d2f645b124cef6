// Errors of the database as the domain's errors, with advice for the administrator.

import Jobs
import Posix
import SQLite

/// Puts database errors into the domain's words.
enum StoreFailure {
    /// The domain's error, with advice.
    static func jobError(for error: SQLiteError, at path: String) -> JobError {
        switch error.reason {
        case .closed: .stopping
        case .moved: .databaseMoved("\(advice(for: error.reason, at: path)) (\(error))")
        case .newerSchema, .unknownSchema:
            .unknownVersion("\(advice(for: error.reason, at: path)) (\(error))")
        default:
            .storeFailed(
                "\(advice(for: error.reason, at: path, on: FileSystemType(of: path))) (\(error))")
        }
    }

    /// What to do about a refusal.
    ///
    /// - Parameters:
    ///   - fileSystem: where the file lies; `nil` where that is not known.
    ///   - fileSizeLimit: of the process, in bytes; `nil` where it has none.
    static func advice(
        for reason: SQLiteError.Reason, at path: String, on fileSystem: FileSystemType?,
        fileSizeLimit: Int64? = FileSizeLimit.current
    ) -> String {
        let place = fileSystem.map { " of type \($0.name)" } ?? ""
        switch reason {
        case .readOnly where fileSystem?.isReadOnly == true:
            return "\(path) lies on a file system\(place) that is mounted read-only. Mount it for "
                + "writing, or set DATABASE_URL to a place that can be written."
        case .locking,
            .busy where fileSystem?.isShared == true,
            .cannotOpen where fileSystem?.isShared == true,
            .inputOutput where fileSystem?.isShared == true,
            .other where fileSystem?.isShared == true:
            return "\(path) lies on a file system\(place) whose locks or shared memory do not work "
                + "as SQLite needs them (sqlite.org/wal.html). Put the database on a local disk, "
                + "such as ext4, XFS or btrfs: set DATABASE_URL, or mount a local volume there. "
                + "The datasets may stay where they are."
        case .inputOutput:
            // SQLite does not say that a write failed for the size of the file.
            if let fileSizeLimit {
                return "\(path) cannot be read or written. A file of the service may have at most "
                    + "\(fileSizeLimit) bytes (ulimit -f, LimitFSIZE= of systemd): where the "
                    + "database or its -wal has come to that, raise the limit and restart the "
                    + "service. Otherwise look for errors of the disk in the system's log."
            }
            return "The file system\(place) that holds \(path) refuses to read or write. Look for "
                + "errors of the disk in the system's log; restore the newest backup if they "
                + "persist."
        default:
            return advice(for: reason, at: path)
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
        case .moved:
            "The database \(path) was removed, replaced or cut while the service runs. No job is "
                + "taken, since it would be gone after a restart. What the service still has open "
                + "is saved as a backup where it is whole. Put the file back, and the service goes "
                + "on; or stop the service, run make restore-db (or download-service restore), "
                + "and start it."
        case .corrupt:
            "The database \(path) is damaged. Stop the service, then run make restore-db (or "
                + "download-service restore), which puts the newest backup in its place and keeps "
                + "the damaged file."
        case .notADatabase:
            "\(path) is not a SQLite database. Point DATABASE_URL at another file, or run make "
                + "restore-db (or download-service restore), which puts the newest backup in its "
                + "place and keeps this file."
        case .constraint:
            "The database refused a change that would have left an illegal state. Nothing was "
                + "changed; please report this."
        case .newerSchema:
            "The database \(path) was written by a newer version of this service. Run that "
                + "version, or restore a backup that was made before the upgrade."
        case .unknownSchema:
            "The database \(path) was written by a version of this service that was never "
                + "published, and is left as it is. Point DATABASE_URL at another file: the "
                + "predecessor's database, or a new one. The data files stay; jobs that are "
                + "submitted again find them."
        case .closed, .inputOutput, .locking, .other:
            "The database \(path) failed."
        }
    }
}
