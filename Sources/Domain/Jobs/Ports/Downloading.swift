// What the queue needs from the downloader.

package import Datasets

/// Fetches and proves dataset files.
package protocol Downloading: Sendable {
    /// Makes one attempt to have the file, proven, under its name in the folder.
    ///
    /// A file that stands there already and is proven from disk counts as published without a
    /// request. Cancelling the task stops the transfer; the answer is then
    /// ``DownloadOutcome/interrupted``.
    ///
    /// - Parameters:
    ///   - folder: the job's ``Job/outputPath``.
    ///   - attempt: 1 for the first, 2 for the next …
    ///   - hints: what is known of the file. One that is at hand elsewhere below the data root, and
    ///     proven there, is linked instead of fetched.
    ///   - admitted: called at most once, from any thread, as soon as what the upstream sends is
    ///     plainly a file: long before the last byte of a large one, whoever asked for it is known
    ///     to be let in.
    func download(
        _ file: DatasetFile, to folder: String, attempt: Int, hints: DownloadContext,
        admitted: @escaping @Sendable () -> Void
    ) async -> DownloadOutcome

    /// Says that a job has ended, or is not to run for now: nothing needs to be kept for a further
    /// attempt at its files.
    func forget(filesOf job: Job)
}

/// A published file of the same name in another folder.
package struct PublishedCopy: Hashable, Sendable {
    /// The folder, as the ``Job/outputPath`` of the job that published it.
    package var folder: String
    /// Of the compressed bytes, as they were proven then.
    package var sha256: String

    package init(folder: String, sha256: String) {
        self.folder = folder
        self.sha256 = sha256
    }
}

/// What an attempt at a file may make use of.
package struct DownloadContext: Hashable, Sendable {
    /// What the file was when it was proven last, where it is to be verified. One that is something
    /// else now is put aside instead of replaced.
    package var expectedSHA256: String?
    /// Whether other bytes than ``expectedSHA256`` are taken where the upstream has none but those.
    package var acceptsRevision: Bool
    /// Where it may be found below the data root.
    package var copies: [PublishedCopy]
    /// Why there is no use in asking for it: it is only looked for below the data root.
    package var refusal: FileFailure?
    /// Nothing else of its user's is in work: it goes ahead of all that wait for a transfer, and,
    /// where all transfers are taken, beyond their limit by up to
    /// ``ServiceLimits/transfersBeyond``. Otherwise a user's one file would wait for another's long
    /// transfers.
    package var isExpedited: Bool
    /// How the last attempt at it went wrong, perhaps before a restart.
    package var formerFailure: FileFailure?

    package init(
        expectedSHA256: String? = nil, acceptsRevision: Bool = false,
        copies: [PublishedCopy] = [], refusal: FileFailure? = nil, isExpedited: Bool = false,
        formerFailure: FileFailure? = nil
    ) {
        self.expectedSHA256 = expectedSHA256
        self.acceptsRevision = acceptsRevision
        self.copies = copies
        self.refusal = refusal
        self.isExpedited = isExpedited
        self.formerFailure = formerFailure
    }
}
