// A line of SHA256SUMS.

/// The name of a published file, and the SHA-256 of its bytes.
package struct FileSum: Hashable, Sendable {
    package var name: String
    package var sha256: String

    package init(name: String, sha256: String) {
        self.name = name
        self.sha256 = sha256
    }

    /// As sha256sum(1) writes and reads it: two spaces, since the file is text to nobody.
    package var line: String { "\(sha256)  \(name)\n" }
}
