// How errors of the disk and of transfers end an attempt at a file, and how the API key is kept out
// of what is reported. Pure.

import Curl
import Datasets
import Glibc
import Jobs
import Posix

extension DownloadOutcome {
    /// The outcome of a failed system call on the job's folder or file.
    ///
    /// - Parameters:
    ///   - folder: as its owner knows it.
    ///   - name: the file's name.
    init(of error: SystemError, folder: String, name: String) {
        func failure(_ code: String, _ sentence: String) -> FileFailure {
            FileFailure(code: code, detail: "\(sentence) (\(error))")
        }
        func waiting(_ code: String, _ sentence: String) -> DownloadOutcome {
            .awaitSpace(failure(code, sentence))
        }
        switch error.code {
        case _ where error.isLackOfSpace:
            self = waiting(
                FileFailure.diskFullCode, "The disk of \(folder) is full. Make room.")
        case EMFILE, ENFILE, ENOMEM, ENOBUFS:
            self = waiting(
                FileFailure.machineBusyCode,
                "The machine is out of file descriptors or memory; the job continues when "
                    + "some are free.")
        case EACCES, EPERM:
            self = .stopJob(failure("not_permitted", "The service may not write to \(folder)."))
        case EROFS:
            // The kernel also remounts a file system read-only after an error in it.
            self = waiting(
                "read_only",
                "The file system of \(folder) is read-only. Mount it for writing; the job goes "
                    + "on by itself.")
        case _ where error.isDiskMissing:
            self = waiting(
                "disk_away", "The disk of \(folder) is away. Mount it; the job goes on by itself.")
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
                failure(
                    "folder_gone",
                    "\(folder) was removed meanwhile; the next attempt makes it again."))
        case EISDIR:
            // What cannot be unlinked has the part file's name.
            let taken = error.call == "unlinkat" ? name + AtomicFile.suffix : name
            self = .failed(
                failure(
                    "target_is_a_folder",
                    "A folder has the file's name, \(taken); rename or remove it."))
        case EFBIG:
            // Each further attempt would write as much in vain.
            self = .failed(
                failure(FileFailure.fileSizeCode, Self.sizeWords(of: name, in: folder)))
        case ENAMETOOLONG, EINVAL:
            self = .failed(failure("name_refused", "The file system refuses the name \(name)."))
        default:
            // EIO may be one bad block, and another attempt writes to other blocks; so may ESTALE
            // be one replaced part file. The attempt counts: otherwise a file that never succeeds
            // would be downloaded for ever.
            self = .retry(after: nil, failure("disk_failed", "Writing \(name) failed."))
        }
    }

    /// Which limit of sizes a file has met, and what to do.
    ///
    /// - Parameter limit: of the process, in bytes; `nil` where it has none.
    static func sizeWords(
        of name: String, in folder: String, limit: Int64? = FileSizeLimit.current
    ) -> String {
        guard let limit else {
            return "\(name) is larger than the file system of \(folder) allows a file to be (FAT: "
                + "4 GiB). Submit a job with an output_path on another file system."
        }
        return "\(name) is larger than a file of the service may be: \(TextFormat.bytes(limit)) "
            + "(ulimit -f, LimitFSIZE= of systemd). Raise that limit, restart the service, and "
            + "retry the job."
    }

    /// The outcome of a lack of space.
    ///
    /// - Parameter error: the disk's own, if it was reached.
    init(_ shortage: SpaceShortage, _ error: SystemError?, folder: String, name: String) {
        let why = error.map { "\($0)" } ?? "DISK_RESERVE must stay free"
        let needed = shortage.neededBytes.map { needed in
            " It has filled the disk before and is begun again once "
                + "\(TextFormat.bytes(needed)) are free, for another try after ten minutes at most;"
                + " other files go on."
        }
        self = .awaitSpace(
            FileFailure(
                code: FileFailure.diskFullCode,
                detail: "\(name) waits for room: the disk of \(folder) has "
                    + "\(TextFormat.bytes(shortage.freeBytes)) left. Make room.\(needed ?? "") "
                    + "(\(why))"))
    }
}

extension SystemError {
    /// Whether the disk itself is missing for now: unplugged, unmounted, damaged, or behind a
    /// network. Not the file's fault, so the attempt does not count.
    fileprivate var isDiskMissing: Bool {
        switch code {
        case ENODEV, ENXIO, ENOMEDIUM, ESHUTDOWN, EUCLEAN, ENOTCONN, ETIMEDOUT, EHOSTDOWN,
            EHOSTUNREACH, ENETDOWN, ENETUNREACH:
            true
        case ESTALE: call != "renameat"
        // Not even the folder can be read.
        case EIO: call.hasPrefix("open") || call.hasPrefix("mkdir") || call.hasPrefix("stat")
        default: false
        }
    }

    /// Whether the disk or the user's quota is full, of bytes or of files.
    var isLackOfSpace: Bool { [ENOSPC, EDQUOT].contains(code) }
}

extension DownloadOutcome {
    /// The outcome of a failed transfer. ``CurlError``'s texts hold neither paths nor keys.
    ///
    /// - Parameter retryBase: the queue's first back-off.
    init(of error: CurlError, retryBase: Duration) {
        let code: String
        var (wait, advice): (Duration?, String) = (nil, "")
        switch error {
        case .cancelled:
            self = .interrupted
            return
        case .refused:
            self = .failed(FileFailure(code: "request_not_allowed", detail: "\(error)."))
            return
        case .proxyRefused(_, let status):
            code = "proxy_refused"
            // Like a 407 to the request itself.
            if status == 407 { wait = retryBase * ResponseClassifier.rateLimitFactor }
        case .cannotResolve:
            code = "dns_failed"
            advice = " Is there network?"
        case .cannotConnect: code = "connect_failed"
        case .timedOut: code = "timed_out"
        case .cutShort: code = "cut_short"
        case .malformed: code = "malformed_reply"
        case .other, .refusedByReceiver: code = "transfer_failed"
        case .tls:
            // Never retried without verification. A network's login page shows its own certificate,
            // which says nothing about the file.
            code = "tls_failed"
        case .forbiddenAddress:
            code = "request_not_allowed"
            advice =
                " Tardis redirected there. If its storage really has that address here, add the "
                + "network to UPSTREAM_ALLOWED_NETWORKS."
        }
        self = .retry(after: wait, FileFailure(code: code, detail: "\(error).\(advice)"))
    }
}

extension DownloadOutcome {
    /// Texts may have been cut within the key: from this length on, its beginning counts as the
    /// key.
    private static let prefixCharactersMin = 6

    /// The same with the API key removed from its texts: a server may send it back in a row, a
    /// header or a host name.
    func without(apiKey: String?) -> DownloadOutcome {
        guard let apiKey, !apiKey.isEmpty else { return self }
        func redacted(_ failure: FileFailure) -> FileFailure {
            var failure = failure
            let least = min(Self.prefixCharactersMin, apiKey.count)
            for length in stride(from: apiKey.count, through: least, by: -1) {
                failure.detail = failure.detail.replacing(apiKey.prefix(length), with: "[key]")
            }
            return failure
        }
        return mappingFailure(redacted)
    }
}
