// What the queue needs from the downloader.

package import Datasets

/// Fetches and verifies dataset files.
package protocol Downloading: Sendable {
    /// Makes one attempt to publish the file, verified, under its name in the folder.
    ///
    /// A file that is there already and passes verification counts as published without a request.
    /// Cancelling the task stops the transfer; the outcome is then ``DownloadOutcome/interrupted``.
    ///
    /// - Parameters:
    ///   - folder: the job's ``Job/outputPath``.
    ///   - attempt: 1 for the first, 2 for the next …
    ///   - context: what is known of the file. A verified copy elsewhere below the data root is
    ///     linked instead of fetched.
    ///   - admitted: called at most once, from any thread, as soon as the upstream sends a file: so
    ///     the API key is known to be accepted long before the last byte of a large file.
    func download(
        _ file: DatasetFile, to folder: String, attempt: Int, context: DownloadContext,
        admitted: @escaping @Sendable () -> Void
    ) async -> DownloadOutcome

    /// Call when a job has ended or is paused: nothing needs to be kept for a further attempt at
    /// its files.
    func forget(filesOf job: Job)
}

/// A published file of the same name in another folder.
package struct PublishedCopy: Hashable, Sendable {
    /// The folder, as the ``Job/outputPath`` of the job that published it.
    package var folder: String
    /// Of the compressed bytes, as verified then.
    package var sha256: String

    package init(folder: String, sha256: String) {
        self.folder = folder
        self.sha256 = sha256
    }
}

/// What is known of a file before an attempt at it.
package struct DownloadContext: Hashable, Sendable {
    /// The recorded checksum, where the file is to be verified. A file with another one is put
    /// aside instead of replaced.
    package var expectedSHA256: String?
    /// Whether other bytes than ``expectedSHA256`` are accepted where the upstream has only those.
    package var acceptsRevision: Bool
    /// Where it may be found below the data root.
    package var copies: [PublishedCopy]
    /// Why requesting it is pointless: it is only looked for below the data root.
    package var refusal: FileFailure?
    /// Whether the upstream is asked for nothing at present: the file is only looked for below the
    /// data root, and the outcome is ``DownloadOutcome/awaitUpstream`` where it is not there.
    package var isUpstreamPaused: Bool
    /// Its user has no other file in flight: it goes ahead of all that wait for a transfer, and,
    /// where all transfers are taken, beyond their limit by up to
    /// ``ServiceLimits/transfersBeyond``. Otherwise the only file of one user would wait for the
    /// long transfers of another.
    package var isExpedited: Bool
    /// How the last attempt at it went wrong, perhaps before a restart.
    package var formerFailure: FileFailure?

    package init(
        expectedSHA256: String? = nil, acceptsRevision: Bool = false,
        copies: [PublishedCopy] = [], refusal: FileFailure? = nil,
        isUpstreamPaused: Bool = false, isExpedited: Bool = false,
        formerFailure: FileFailure? = nil
    ) {
        self.expectedSHA256 = expectedSHA256
        self.acceptsRevision = acceptsRevision
        self.copies = copies
        self.refusal = refusal
        self.isUpstreamPaused = isUpstreamPaused
        self.isExpedited = isExpedited
        self.formerFailure = formerFailure
    }
}
