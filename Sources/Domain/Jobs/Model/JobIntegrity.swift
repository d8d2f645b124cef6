// A job's data as a whole: digest, checksum list and verifications.

package import Datasets

/// The integrity of a job's files as a whole.
package struct JobIntegrity: Hashable, Sendable {
    /// SHA-256 of the job's ``ChecksumList/text``, for a backtest to cite. `nil` until the job is
    /// completed, and where it wrote nothing.
    package var datasetDigest: String?
    /// The digest before ``datasetDigest``, where it differs.
    package var formerDigest: String?
    /// Compressed bytes that did not have to be fetched, since they were below the data root.
    package var bytesSaved: Int64
    /// Files whose size is far from those of the same symbol's other days.
    package var filesSuspicious: Int
    /// When all files were last verified from disk.
    package var verifiedAt: Timestamp?
    /// Files that were found damaged or missing then, and have their recorded bytes again.
    package var filesRepaired: Int
    /// What else was found then; `nil` also after a verification that found no file to check.
    package var verification: JobVerification?
    /// Whether a verification accepts other bytes that Tardis has now in place of the recorded
    /// ones.
    package var acceptsRevision: Bool
    /// Whether a verification has begun and not ended: the job's open files were published before.
    package var isBeingVerified: Bool

    package init(
        datasetDigest: String? = nil, formerDigest: String? = nil, bytesSaved: Int64 = 0,
        filesSuspicious: Int = 0, verifiedAt: Timestamp? = nil, filesRepaired: Int = 0,
        verification: JobVerification? = nil, acceptsRevision: Bool = false,
        isBeingVerified: Bool = false
    ) {
        self.datasetDigest = datasetDigest
        self.formerDigest = formerDigest
        self.bytesSaved = bytesSaved
        self.filesSuspicious = filesSuspicious
        self.verifiedAt = verifiedAt
        self.filesRepaired = filesRepaired
        self.verification = verification
        self.acceptsRevision = acceptsRevision
        self.isBeingVerified = isBeingVerified
    }
}

/// The result of a verification.
package struct JobVerification: Hashable, Sendable {
    /// When the job was claimed for it.
    package var startedAt: Timestamp?
    package var endedAt: Timestamp
    /// Files that were published before.
    package var filesChecked: Int
    /// Files whose bytes on disk were not the recorded ones.
    package var filesDamaged: Int
    /// Files that were missing.
    package var filesMissing: Int
    /// Files that Tardis has with other bytes.
    package var filesChanged: Int

    package init(
        startedAt: Timestamp?, endedAt: Timestamp, filesChecked: Int, filesDamaged: Int = 0,
        filesMissing: Int = 0, filesChanged: Int = 0
    ) {
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.filesChecked = filesChecked
        self.filesDamaged = filesDamaged
        self.filesMissing = filesMissing
        self.filesChanged = filesChanged
    }

    /// Whether every file was as recorded.
    package var isClean: Bool { filesDamaged == 0 && filesMissing == 0 && filesChanged == 0 }
}

/// What a verification found wrong with a file. The names are part of the API.
package enum FileFinding: String, CaseIterable, Hashable, Sendable {
    /// Its bytes were not the recorded ones.
    case damaged
    /// It was not there.
    case missing
}

/// Other bytes that Tardis has in place of the recorded ones.
package struct FileRevision: Hashable, Sendable {
    /// Of these bytes.
    package var sha256: String
    /// Of those that were recorded until then.
    package var recordedSHA256: String
    package var seenAt: Timestamp

    package init(sha256: String, recordedSHA256: String, seenAt: Timestamp) {
        self.sha256 = sha256
        self.recordedSHA256 = recordedSHA256
        self.seenAt = seenAt
    }
}

/// The name of a published file, and the SHA-256 of its bytes.
package struct ChecksumLine: Hashable, Sendable {
    package var name: String
    package var sha256: String

    package init(name: String, sha256: String) {
        self.name = name
        self.sha256 = sha256
    }

    /// A published file's; `nil` where it is none.
    package init?(_ record: FileRecord) {
        guard let sha256 = record.checksum?.sha256 else { return nil }
        self.init(name: record.file.name, sha256: sha256)
    }

    /// A line as sha256sum(1) writes and reads it, with two spaces.
    package var line: String { "\(sha256)  \(name)\n" }
}

/// What a digest covers: the request, the published files and the gaps that were accepted.
///
/// Neither the job's number nor its folder is part of it, so the same request with the same bytes
/// always has the same digest.
package struct ChecksumList: Hashable, Sendable {
    /// By name in the order of its bytes.
    package let sums: [ChecksumLine]
    /// Names of files that Tardis does not have, accepted as gaps; sorted like ``sums``.
    package let gaps: [String]
    private let request: RequestFingerprint
    private let filesTotal: Int

    package init(of job: Job, sums: [ChecksumLine], gaps: [String]) {
        self.sums = sums
        self.gaps = gaps
        request = job.fingerprint
        filesTotal = job.progress.filesTotal
    }

    /// What `sha256sum -c` reads: to it, lines that begin with `#` are comments.
    package var text: String {
        var text = head
        for sum in sums { text += sum.line }
        return text
    }

    /// The length of the text in bytes.
    package var bytes: Int { sums.reduce(head.utf8.count) { $0 + $1.line.utf8.count } }

    /// The comments that precede the sums.
    package var head: String {
        let facts = [
            ("exchange", request.exchange),
            ("symbols", request.symbols.joined(separator: ", ")),
            ("data types", request.dataTypes.joined(separator: ", ")),
            ("days", "\(request.startDate) to \(request.endDate)"),
            ("files", "\(sums.count) of \(filesTotal)"),
        ]
        let lines = facts + gaps.map { ("gap accepted", $0) }
        return "# Datasets of Tardis.dev. `sha256sum -c` checks the files; the SHA-256 of this "
            + "text is the dataset digest.\n"
            // A line break in a name must not begin a line of its own.
            + lines.map { "# \($0): \(TextFormat.oneLine($1))\n" }.joined()
    }
}
