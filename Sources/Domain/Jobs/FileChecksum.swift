// The evidence for a published file. It must not know how the bytes were read.

package import Datasets

/// What was found while every byte of a file was read: the evidence that it is what it should be.
package struct FileChecksum: Hashable, Sendable {
    /// Compressed bytes, as on disk.
    package var bytes: Int64
    /// Rows without the header line.
    package var rows: Int64
    /// `local_timestamp` of the first row.
    package var firstTimestamp: Timestamp?
    /// `local_timestamp` of the last row.
    package var lastTimestamp: Timestamp?
    /// Of the compressed bytes, 64 lower-case hexadecimal digits.
    package var sha256: String
    /// Where the bytes came from.
    package var origin: FileOrigin
    /// How it was found before, where it was to be verified and not as recorded.
    package var finding: FileFinding?

    package init(
        bytes: Int64, rows: Int64, firstTimestamp: Timestamp?, lastTimestamp: Timestamp?,
        sha256: String, origin: FileOrigin = .upstream, finding: FileFinding? = nil
    ) {
        self.bytes = bytes
        self.rows = rows
        self.firstTimestamp = firstTimestamp
        self.lastTimestamp = lastTimestamp
        self.sha256 = sha256
        self.origin = origin
        self.finding = finding
    }

    /// `ok` with rows, `empty` without.
    package var state: FileState { rows > 0 ? .ok : .empty }
}
