// What is known of a file before an attempt at it: what it should be, and where it may be had
// without asking the upstream.

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
package struct FileHints: Hashable, Sendable {
    /// What the file was when it was proven last, where it is to be verified. One that is something
    /// else now is put aside instead of replaced.
    package var expectedSHA256: String?
    /// Where it may be found below the data root.
    package var copies: [PublishedCopy]

    package init(expectedSHA256: String? = nil, copies: [PublishedCopy] = []) {
        self.expectedSHA256 = expectedSHA256
        self.copies = copies
    }
}
