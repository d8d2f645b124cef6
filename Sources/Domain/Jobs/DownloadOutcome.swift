// How an attempt at a file ended, as far as whoever fetched it can tell.

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
    case parkUpstream(for: Duration, FileFailure)
    /// There is no room for it, and nothing of it stays: the attempt does not count. `neededBytes`
    /// have to be free on the disk before anything is worth beginning; `nil` where other files may
    /// go on.
    case awaitRoom(neededBytes: Int64?, FileFailure)
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
        case .parkUpstream(let span, let failure):
            return .parkUpstream(for: span, noting(failure))
        case .awaitRoom(let bytes, let failure):
            return .awaitRoom(neededBytes: bytes, noting(failure))
        case .interrupted: return .interrupted
        }
    }
}
