// What stands for a job's data. It must not know how a file is proven.

package import Datasets

/// Verification, and sizes worth comparing.
///
/// The promises of ``JobStoring`` hold.
package protocol EvidenceStoring: Sendable {
    /// Makes a job that has ended `pending` again, to have all its published files proven from
    /// disk.
    ///
    /// - Returns: the job; `nil` where it has not ended, or has no published files.
    /// - Throws: ``JobError/notFound(_:)``.
    func beginVerification(
        of id: JobID, by principal: Principal, at now: Timestamp
    ) async throws -> Job?
    /// The published files of a job by kind and symbol, each with the sizes of the same symbol's
    /// days nearby, this job's or another's.
    func sizes(of id: JobID) async throws -> [FileSizes]
    /// Keeps what was found odd about files, by position, in place of what was found before.
    func mark(_ suspicions: [Int: String], of id: JobID) async throws
}
