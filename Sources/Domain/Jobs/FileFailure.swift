// Why one file could not be had. It must not know which reply or error said so.

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
