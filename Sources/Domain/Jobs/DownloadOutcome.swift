// How an attempt at a file ended, as far as whoever fetched it can tell.

/// How one attempt at a file ended, as far as the downloader can tell.
package enum DownloadOutcome: Hashable, Sendable {
    case published(FileProof)
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
}
