// What the queue needs to begin a job: to claim it, and to keep its plan piece by piece. It must
// not know SQL.

package import Datasets

/// Claiming jobs and planning them.
///
/// The promises of ``JobStoring`` hold.
package protocol JobClaiming: Sendable {
    /// Turns the pending job that is next in ``ClaimOrder`` into a running one and queues its
    /// `started` notification, unless that was told since the job last ended. Paused jobs are
    /// passed over.
    func claimJob(for room: ClaimSlot, at now: Timestamp) async throws -> Job?
    /// The files of a job's plan that are kept already, in no particular order: those that a plan
    /// under way had come to when the service was ended.
    func plannedFiles(of id: JobID) async throws -> Set<DatasetFile>
    /// Keeps a piece of the plan of a running job that is not planned yet. Files whose positions
    /// are taken already stay as they are.
    ///
    /// - Returns: whether there is such a job.
    func keep(_ piece: PlanBatch, of id: JobID, at now: Timestamp) async throws -> Bool
}
