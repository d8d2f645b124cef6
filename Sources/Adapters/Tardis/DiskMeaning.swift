// What it means for a file that the disk refused something. Pure.

import Datasets
import Glibc
import Jobs
import Posix

extension DownloadOutcome {
    /// What to do after a system call on the job's folder or file failed.
    ///
    /// - Parameters:
    ///   - folder: as its owner knows it.
    ///   - name: the file's name.
    init(of error: SystemError, folder: String, name: String) {
        func failure(_ code: String, _ sentence: String) -> FileFailure {
            FileFailure(code: code, detail: "\(sentence) (\(error))")
        }
        switch error.code {
        case _ where error.isLackOfRoom:
            self = .awaitRoom(
                neededBytes: nil,
                failure(FileFailure.diskFullCode, "The disk of \(folder) is full. Make room."))
        case EMFILE, ENFILE, ENOMEM, ENOBUFS:
            self = .awaitRoom(
                neededBytes: nil,
                failure(
                    FileFailure.machineBusyCode,
                    "The machine has no files or memory left; this passes."))
        case EACCES, EPERM:
            self = .stopJob(
                failure("not_permitted", "The service may not write to \(folder)."))
        case EROFS:
            // Also what the kernel makes of a file system in which it has found an error.
            self = .awaitRoom(
                neededBytes: nil,
                failure(
                    "read_only",
                    "The file system of \(folder) is read-only. Mount it for writing; the job goes "
                        + "on by itself."))
        case _ where error.saysDiskIsAway:
            self = .awaitRoom(
                neededBytes: nil,
                failure(
                    "disk_away",
                    "The disk of \(folder) is away. Connect or mount it again; the job goes on by "
                        + "itself."))
        case EXDEV, ELOOP:
            self = .stopJob(
                failure(
                    "folder_refused",
                    "\(folder) leads out of the data root; choose a folder below it."))
        case ENOTDIR:
            self = .stopJob(failure("not_a_folder", "\(folder) is not a folder."))
        case ENOENT:
            self = .retry(
                after: nil,
                failure("folder_gone", "\(folder) was removed meanwhile; it is made again."))
        case EISDIR:
            // What cannot be unlinked is what stands where the part file would be.
            let taken = error.call == "unlinkat" ? name + AtomicFile.suffix : name
            self = .failed(
                failure(
                    "target_is_a_folder",
                    "A folder has the file's name, \(taken); rename or remove it."))
        case ENAMETOOLONG, EINVAL:
            self = .failed(failure("name_refused", "The file system refuses the name \(name)."))
        default:
            // EIO of one file's bytes may be one bad place on the disk, and another attempt writes
            // to others. It counts: a file that never succeeds would be fetched for ever. So is
            // ESTALE of a part file that was replaced meanwhile.
            self = .retry(after: nil, failure("disk_failed", "Writing \(name) failed."))
        }
    }
}

extension DownloadOutcome {
    /// What to do with a file for which there is no room.
    ///
    /// - Parameter error: what the disk said, where it was asked.
    init(_ lack: RoomLack, _ error: SystemError?, folder: String, name: String) {
        let why = error.map { "\($0)" } ?? "DISK_RESERVE is to stay free"
        self = .awaitRoom(
            neededBytes: lack.neededBytes,
            FileFailure(
                code: FileFailure.diskFullCode,
                detail: "\(name) waits for room: the disk of \(folder) has "
                    + "\(Wording.bytes(lack.freeBytes)) left. Make room. (\(why))"))
    }
}

extension SystemError {
    /// Whether the disk itself is gone for the time being, unplugged, unmounted, damaged, or behind
    /// a network: no file's fault, and it comes back.
    fileprivate var saysDiskIsAway: Bool {
        switch code {
        case ENODEV, ENXIO, ENOMEDIUM, ESHUTDOWN, EUCLEAN, ENOTCONN, ETIMEDOUT, EHOSTDOWN,
            EHOSTUNREACH, ENETDOWN, ENETUNREACH:
            true
        case ESTALE: call != "renameat"
        // Not even the folder can be looked up.
        case EIO: call.hasPrefix("open") || call.hasPrefix("mkdir") || call.hasPrefix("stat")
        default: false
        }
    }

    /// Whether the disk, or the user's part of it, is full: of bytes or of files.
    var isLackOfRoom: Bool { [ENOSPC, EDQUOT].contains(code) }
}
