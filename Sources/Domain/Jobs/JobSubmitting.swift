// How jobs get into the store. It must not know SQL.

package import Datasets

/// Submitting jobs: once however often the same is sent.
///
/// The promises of ``JobStoring`` hold.
package protocol JobSubmitting: Sendable {
    /// Makes a job of a submission, unless something speaks against it, in this order: its key was
    /// used before, an equal request is active, a limit is reached. All of that is looked at in the
    /// transaction that keeps the job, the event `submitted`, and what its key remembers.
    ///
    /// A request is active while its job is pending, paused or running; not while the job's files
    /// are only being verified, for what failed then is not tried again.
    func submit(_ submission: Submission, at now: Timestamp) async throws -> SubmissionOutcome
    /// What a key has led to: ``SubmissionOutcome/replayed(_:)``, ``SubmissionOutcome/keyReused``,
    /// or `nil` where it is new or forgotten.
    func outcome(
        of key: String, fingerprint: [UInt8], by user: String, at now: Timestamp
    ) async throws -> SubmissionOutcome?
}
