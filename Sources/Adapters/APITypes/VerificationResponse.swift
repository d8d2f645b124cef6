// What the last verification of a job found and did: the member `verification` of a job.

package import JSON

/// The result of the last verification that ended.
package struct VerificationResponse: Hashable, Sendable, Decodable, JSONWritable {
    /// When it began to read files.
    package var startedAt: String?
    /// When it ended.
    package var at: String
    /// Files that were read again, or should have been.
    package var filesChecked: Int
    /// Files whose bytes on disk were not the recorded ones.
    package var filesDamaged: Int
    /// Files that were not there.
    package var filesMissing: Int
    /// Damaged or missing files that have their recorded bytes again.
    package var filesRepaired: Int
    /// Damaged or missing files for which Tardis has other bytes than the recorded ones.
    package var filesChanged: Int
    /// The job's last digest that was another than `dataset_digest`.
    package var formerDigest: String?

    package init(
        startedAt: String?, at: String, filesChecked: Int, filesDamaged: Int, filesMissing: Int,
        filesRepaired: Int, filesChanged: Int, formerDigest: String?
    ) {
        self.startedAt = startedAt
        self.at = at
        self.filesChecked = filesChecked
        self.filesDamaged = filesDamaged
        self.filesMissing = filesMissing
        self.filesRepaired = filesRepaired
        self.filesChanged = filesChanged
        self.formerDigest = formerDigest
    }

    package var json: JSONValue {
        [
            "started_at": .text(startedAt),
            "at": .string(at),
            "files_checked": .integer(filesChecked),
            "files_damaged": .integer(filesDamaged),
            "files_missing": .integer(filesMissing),
            "files_repaired": .integer(filesRepaired),
            "files_changed": .integer(filesChanged),
            "former_digest": .text(formerDigest),
        ]
    }

    private enum CodingKeys: String, CodingKey {
        case at
        case startedAt = "started_at"
        case filesChecked = "files_checked"
        case filesDamaged = "files_damaged"
        case filesMissing = "files_missing"
        case filesRepaired = "files_repaired"
        case filesChanged = "files_changed"
        case formerDigest = "former_digest"
    }
}
