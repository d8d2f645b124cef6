// What stands for a job's data as a whole.

package import Datasets

/// What can be said of a job's files together.
package struct JobEvidence: Hashable, Sendable {
    /// SHA-256 of the job's `SHA256SUMS`, for a backtest to cite: of the lines `SUM  NAME` of all
    /// published files, sorted by name. `nil` until the job is completed.
    package var datasetDigest: String?
    /// Compressed bytes that did not have to be fetched, since they were below the data root.
    package var bytesSaved: Int64
    /// Files whose size is far from those of the same symbol's other days.
    package var filesSuspicious: Int
    /// When all files were last proven again from disk.
    package var verifiedAt: Timestamp?
    /// Files that were found damaged or missing then, and fetched again.
    package var filesRepaired: Int

    package init(
        datasetDigest: String? = nil, bytesSaved: Int64 = 0, filesSuspicious: Int = 0,
        verifiedAt: Timestamp? = nil, filesRepaired: Int = 0
    ) {
        self.datasetDigest = datasetDigest
        self.bytesSaved = bytesSaved
        self.filesSuspicious = filesSuspicious
        self.verifiedAt = verifiedAt
        self.filesRepaired = filesRepaired
    }
}
