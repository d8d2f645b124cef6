// The result of one attempt at a file: the checksum of a published one, or the reason of a failure.

package import Datasets

/// How one attempt at a file ended.
package enum AttemptResult: Hashable, Sendable {
    /// Published: `ok` or `empty`, as its proof says.
    case published(FileChecksum)
    /// There is no such file, and the catalogue confirms it.
    case unavailable(FileFailure)
    /// Given up.
    case failed(FileFailure)
    /// To be tried again, not before the given moment; the attempt counts.
    case retry(at: Timestamp, FileFailure)
    /// Put back as if never claimed; `notBefore` where the whole upstream rests.
    case released(notBefore: Timestamp?)
}

/// How one attempt at a file ended, as far as the downloader can tell.
package enum DownloadOutcome: Hashable, Sendable {
    case published(FileChecksum)
    /// There is no such file, and the catalogue confirms it.
    case unavailable(FileFailure)
    /// No further attempt can help.
    case failed(FileFailure)
    /// Another attempt may help: after the given time at the earliest where the upstream named one.
    case retry(after: Duration?, FileFailure)
    /// Nothing of this job can be had, such as when the API key is refused: its other files end the
    /// same way.
    case stopJob(FileFailure)
    /// Nothing at all can be had before the given time has passed, such as when the quota is used
    /// up.
    case pauseUpstream(for: Duration, FileFailure)
    /// There is no room for it, and nothing of it stays: the attempt does not count. `neededBytes`
    /// have to be free on the disk before anything is worth beginning; `nil` where other files may
    /// go on.
    case awaitSpace(neededBytes: Int64?, FileFailure)
    /// The task was cancelled; nothing is known and nothing was left behind.
    case interrupted

    /// The same of a file that was found like that before.
    package func noting(_ finding: FileFinding?) -> DownloadOutcome {
        guard let finding else { return self }
        func noting(_ failure: FileFailure) -> FileFailure {
            var failure = failure
            failure.finding = finding
            return failure
        }
        switch self {
        case .published(var proof):
            proof.finding = finding
            return .published(proof)
        case .unavailable(let failure): return .unavailable(noting(failure))
        case .failed(let failure): return .failed(noting(failure))
        case .retry(let least, let failure): return .retry(after: least, noting(failure))
        case .stopJob(let failure): return .stopJob(noting(failure))
        case .pauseUpstream(let span, let failure):
            return .pauseUpstream(for: span, noting(failure))
        case .awaitSpace(let bytes, let failure):
            return .awaitSpace(neededBytes: bytes, noting(failure))
        case .interrupted: return .interrupted
        }
    }
}

/// What was found while every byte of a file was read: the evidence that it is what it should be.
package struct FileChecksum: Hashable, Sendable {
    /// Compressed bytes, as on disk.
    package var bytes: Int64
    /// Rows without the header line.
    package var rows: Int64
    /// `local_timestamp` of the first row.
    package var firstTimestamp: Timestamp?
    /// `local_timestamp` of the last row.
    package var lastTimestamp: Timestamp?
    /// Of the compressed bytes, 64 lower-case hexadecimal digits.
    package var sha256: String
    /// Where the bytes came from.
    package var origin: FileOrigin
    /// How it was found before, where it was to be verified and not as recorded.
    package var finding: FileFinding?

    package init(
        bytes: Int64, rows: Int64, firstTimestamp: Timestamp?, lastTimestamp: Timestamp?,
        sha256: String, origin: FileOrigin = .upstream, finding: FileFinding? = nil
    ) {
        self.bytes = bytes
        self.rows = rows
        self.firstTimestamp = firstTimestamp
        self.lastTimestamp = lastTimestamp
        self.sha256 = sha256
        self.origin = origin
        self.finding = finding
    }

    /// `ok` with rows, `empty` without.
    package var state: FileState { rows > 0 ? .ok : .empty }
}

/// How a published file was had. The names are part of the API.
package enum FileOrigin: String, CaseIterable, Hashable, Sendable {
    /// Fetched from Tardis.
    case upstream
    /// It stood under its name already, and was proven from disk.
    case disk
    /// Another job had put it elsewhere below the data root: linked or copied from there.
    case link
}

/// Why a file could not be had, for its owner and for the record.
package struct FileFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// A stable name, such as `api_key_refused` or `gzip_damaged`.
    package var code: String
    /// What happened and what can be done about it, in a sentence. Never holds a secret.
    package var detail: String
    /// The upstream's status, where it answered.
    package var httpStatus: Int?
    /// How the file was found, where it was to be verified and not as recorded.
    package var finding: FileFinding?
    /// SHA-256 of what the upstream has in place of the recorded bytes, where that is the reason.
    package var revisionSHA256: String?

    /// There was no room for the file.
    package static let diskFullCode = "disk_full"
    /// The process or the machine has no file descriptors or memory left.
    package static let machineBusyCode = "machine_busy"

    package init(
        code: String, detail: String, httpStatus: Int? = nil, finding: FileFinding? = nil,
        revisionSHA256: String? = nil
    ) {
        self.code = code
        self.detail = detail
        self.httpStatus = httpStatus
        self.finding = finding
        self.revisionSHA256 = revisionSHA256
    }

    package var description: String { detail }

    /// Why a file that was to be verified is missing although Tardis has one.
    package static func changedUpstream(recorded: String, now sha256: String) -> FileFailure {
        FileFailure(
            code: "changed_upstream",
            detail: "Tardis has other bytes now (SHA-256 \(sha256)) than were recorded "
                + "(\(recorded)); they were left out. To take them, verify the job with "
                + "accept_revision.", httpStatus: 200, revisionSHA256: sha256)
    }
}
