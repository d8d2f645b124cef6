// What went wrong in an attempt, whatever that means for the file.

package import Jobs

extension DownloadOutcome {
    /// Why the attempt failed; `nil` where it did not, or was cut short.
    package var failure: FileFailure? {
        switch self {
        case .unavailable(let failure), .failed(let failure), .retry(_, let failure),
            .stopJob(let failure), .parkUpstream(_, let failure), .awaitRoom(_, let failure):
            failure
        case .published, .interrupted: nil
        }
    }
}
