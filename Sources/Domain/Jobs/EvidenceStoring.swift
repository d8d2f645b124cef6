// What stands for a job's data. It must not know how a file is proven.

package import Datasets

/// Verification, and sizes worth comparing.
///
/// The promises of ``JobStoring`` hold.
package protocol EvidenceStoring: Sendable {
    /// Makes a job that has ended `pending` again, to have all its published files proven from
    /// disk.
    ///
    /// Files that failed after they had been published are looked for, too. When the job ends
    /// again, it has the time of its former end, and its digest as long as its files are the same.
    ///
    /// - Parameter acceptsRevision: see ``JobIntegrity/acceptsRevision``.
    /// - Returns: the job; `nil` where it has not ended, or has no published files.
    /// - Throws: ``JobError/notFound(_:)``.
    func beginVerification(
        of id: JobID, by principal: Principal, acceptsRevision: Bool, at now: Timestamp
    ) async throws -> Job?
    /// Makes failed files that are gaps `unavailable`, as ``Gaps`` decides at that very moment, and
    /// the job `completed` where nothing else is missing. Its end stays where it was.
    ///
    /// - Parameter names: of the files, all or none; `nil` for every gap.
    /// - Returns: the job as it is now; a verdict other than ``JobAction/Verdict/act`` says why
    ///   nothing was changed.
    /// - Throws: ``JobError/notFound(_:)``.
    func acceptGaps(
        of id: JobID, named names: [String]?, by principal: Principal, at now: Timestamp
    ) async throws -> JobActionResult
    /// The published files of a job by kind and symbol, each with the sizes of the same symbol's
    /// days nearby, this job's or another's.
    func sizes(of id: JobID) async throws -> [FileSizes]
    /// Keeps what was found odd about files, by position, in place of what was found before.
    func mark(_ suspicions: [Int: String], of id: JobID) async throws
}
