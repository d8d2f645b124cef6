// What it means for a file that the disk refused something. Pure.

import Curl
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
            self = .awaitSpace(
                neededBytes: nil,
                failure(FileFailure.diskFullCode, "The disk of \(folder) is full. Make room."))
        case EMFILE, ENFILE, ENOMEM, ENOBUFS:
            self = .awaitSpace(
                neededBytes: nil,
                failure(
                    FileFailure.machineBusyCode,
                    "The machine has no files or memory left; this passes."))
        case EACCES, EPERM:
            self = .stopJob(
                failure("not_permitted", "The service may not write to \(folder)."))
        case EROFS:
            // Also what the kernel makes of a file system in which it has found an error.
            self = .awaitSpace(
                neededBytes: nil,
                failure(
                    "read_only",
                    "The file system of \(folder) is read-only. Mount it for writing; the job goes "
                        + "on by itself."))
        case _ where error.saysDiskIsAway:
            self = .awaitSpace(
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
        self = .awaitSpace(
            neededBytes: lack.neededBytes,
            FileFailure(
                code: FileFailure.diskFullCode,
                detail: "\(name) waits for room: the disk of \(folder) has "
                    + "\(TextFormat.bytes(lack.freeBytes)) left. Make room. (\(why))"))
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

extension DownloadOutcome {
    /// What to do after a transfer failed. ``CurlError``'s texts hold neither paths nor keys.
    ///
    /// - Parameter retryBase: the queue's first back-off.
    init(of error: CurlError, retryBase: Duration) {
        switch error {
        case .proxyRefused(_, let status):
            // As where it answers 407 to the request itself.
            self = .retry(
                after: status == 407 ? retryBase * ReplyTable.rateLimitFactor : nil,
                FileFailure(code: "proxy_refused", detail: "\(error)."))
        case .cancelled:
            self = .interrupted
        case .cannotResolve:
            self = .retry(
                after: nil, FileFailure(code: "dns_failed", detail: "\(error). Is there network?"))
        case .cannotConnect:
            self = .retry(after: nil, FileFailure(code: "connect_failed", detail: "\(error)."))
        case .timedOut:
            self = .retry(after: nil, FileFailure(code: "timed_out", detail: "\(error)."))
        case .cutShort:
            self = .retry(after: nil, FileFailure(code: "cut_short", detail: "\(error)."))
        case .malformed:
            self = .retry(after: nil, FileFailure(code: "malformed_reply", detail: "\(error)."))
        case .other, .refusedByReceiver:
            self = .retry(after: nil, FileFailure(code: "transfer_failed", detail: "\(error)."))
        case .tls:
            // Never fetched without verification; but a login page of the network shows a
            // certificate of its own, and says nothing about the file.
            self = .retry(
                after: nil,
                FileFailure(
                    code: "tls_failed",
                    detail: "\(error)."))
        case .forbiddenAddress:
            self = .retry(
                after: nil,
                FileFailure(
                    code: "request_not_allowed",
                    detail: "\(error). Tardis redirected there. If its storage really has that "
                        + "address here, add the network to UPSTREAM_ALLOWED_NETWORKS."))
        case .refused:
            self = .failed(FileFailure(code: "request_not_allowed", detail: "\(error)."))
        }
    }
}

extension DownloadOutcome {
    /// So much of a key's beginning counts as the key: texts are cut before they come here.
    private static let tellingCharacters = 6

    /// The same without the API key in its words.
    func without(apiKey: String?) -> DownloadOutcome {
        guard let apiKey, !apiKey.isEmpty else { return self }
        func told(_ failure: FileFailure) -> FileFailure {
            var failure = failure
            let least = min(Self.tellingCharacters, apiKey.count)
            for length in stride(from: apiKey.count, through: least, by: -1) {
                failure.detail = failure.detail.replacing(apiKey.prefix(length), with: "[key]")
            }
            return failure
        }
        return mappingFailure(told)
    }
}
