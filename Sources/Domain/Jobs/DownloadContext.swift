// What is known of a file before an attempt at it: what it should be, where it may be had without
// asking the upstream, and whether it may go ahead.

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
