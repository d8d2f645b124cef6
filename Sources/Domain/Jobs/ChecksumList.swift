// A job's SHA256SUMS: the text that its digest is the SHA-256 of.

import Datasets

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
        guard let sha256 = record.proof?.sha256 else { return nil }
        self.init(name: record.file.name, sha256: sha256)
    }

    /// As sha256sum(1) writes and reads it, with two spaces.
    package var line: String { "\(sha256)  \(name)\n" }
}

/// What a digest covers: the request, the published files and the gaps that were accepted.
///
/// Neither the job's number nor its folder is part of it, so that the same request with the same
/// bytes has the same digest wherever and whenever it is made.
package struct ChecksumList: Hashable, Sendable {
    /// By name in the order of its bytes.
    package let sums: [ChecksumLine]
    /// Names of files that Tardis does not have, accepted as gaps; sorted like ``sums``.
    package let gaps: [String]
    /// Whether the text is the sums alone, as it was before digests named the request.
    package var isPlain = false
    private let request: RequestFingerprint
    private let filesTotal: Int

    package init(of job: Job, sums: [ChecksumLine], gaps: [String]) {
        self.sums = sums
        self.gaps = gaps
        request = job.identity
        filesTotal = job.progress.filesTotal
    }

    /// What `sha256sum -c` reads: to it, lines that begin with `#` are comments.
    package var text: String {
        var text = head
        for sum in sums { text += sum.line }
        return text
    }

    /// How long the text is.
    package var bytes: Int { sums.reduce(head.utf8.count) { $0 + $1.line.utf8.count } }

    /// What precedes the sums: comments, or nothing.
    package var head: String {
        if isPlain { return "" }
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
