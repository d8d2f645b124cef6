// The result of one attempt at a file: the checksum of a published one, or the reason of a failure.

package import Datasets

/// The result of one attempt at a file, as the store records it.
package enum AttemptResult: Hashable, Sendable {
    /// Published: `ok` or `empty`, as its checksum says.
    case published(FileChecksum)
    /// There is no such file, and the catalogue confirms it.
    case unavailable(FileFailure)
    /// Given up.
    case failed(FileFailure)
    /// To be tried again, not before the given moment; the attempt counts.
    case retry(at: Timestamp, FileFailure)
    /// Put back as if never claimed; `notBefore` while the upstream is paused.
    case released(notBefore: Timestamp?)
}

/// The result of one attempt at a file, as far as the downloader knows: the queue decides when the
/// next one begins.
package enum DownloadOutcome: Hashable, Sendable {
    case published(FileChecksum)
    /// There is no such file, and the catalogue confirms it.
    case unavailable(FileFailure)
    /// No further attempt can help.
    case failed(FileFailure)
    /// Another attempt may help: after the given time at the earliest where the upstream named one.
    case retry(after: Duration?, FileFailure)
    /// No file of this job can be fetched, such as when the API key is refused: its other files end
    /// the same way.
    case stopJob(FileFailure)
    /// No file at all can be fetched before the given time has passed, such as when the quota is
    /// used up.
    case pauseUpstream(for: Duration, FileFailure)
    /// There is no space for the file, and nothing of it stays: the attempt does not count, and
    /// other files go on.
    case awaitSpace(FileFailure)
    /// The file is not below the data root, and ``DownloadContext/isUpstreamPaused`` forbade to
    /// request it: the attempt does not count.
    case awaitUpstream
    /// The task was cancelled; nothing is known and nothing was left behind.
    case interrupted

    /// The same with another failure, where it has one.
    package func mappingFailure(_ change: (FileFailure) -> FileFailure) -> DownloadOutcome {
        switch self {
        case .published, .awaitUpstream, .interrupted: self
        case .unavailable(let failure): .unavailable(change(failure))
        case .failed(let failure): .failed(change(failure))
        case .retry(let wait, let failure): .retry(after: wait, change(failure))
        case .stopJob(let failure): .stopJob(change(failure))
        case .pauseUpstream(let span, let failure): .pauseUpstream(for: span, change(failure))
        case .awaitSpace(let failure): .awaitSpace(change(failure))
        }
    }

    /// The same of a file that a verification had found like that before.
    package func noting(_ finding: FileFinding?) -> DownloadOutcome {
        guard let finding else { return self }
        if case .published(var checksum) = self {
            checksum.finding = finding
            return .published(checksum)
        }
        return mappingFailure { failure in
            var failure = failure
            failure.finding = finding
            return failure
        }
    }
}

/// What reading every byte of a file has shown.
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

/// Where the bytes of a published file came from. The names are part of the API.
package enum FileOrigin: String, CaseIterable, Hashable, Sendable {
    /// Fetched from Tardis.
    case upstream
    /// It was on disk under its name already, and verified.
    case disk
    /// Another job had put it elsewhere below the data root: linked or copied from there.
    case link
}

/// Why a file could not be fetched, for its owner and for the record.
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

    /// The disk had no space for the file.
    package static let diskFullCode = "disk_full"
    /// The file is larger than the system lets a file be.
    package static let fileSizeCode = "file_size_limit"
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
