// What the store changes about jobs when people ask for it. It must not know SQL, nor who may ask.

package import Datasets

/// Cancelling, retrying, pausing, resuming and changing jobs.
///
/// The promises of ``JobStoring`` hold. The change, its event in the history and its notification
/// are one transaction.
package protocol JobCommandStore: Sendable {
    /// Does something to a job where ``JobAction/verdict(on:)`` says so at that very moment, and,
    /// unless an administrator asks, its owner may have one more job that has not ended.
    ///
    /// After ``JobAction/cancel`` the files that were not final are `cancelled`; after
    /// ``JobAction/pause`` those that were running are pending, the attempt uncounted. Whoever runs
    /// the job has to be told: see ``JobRunnerControl/release(_:)``.
    ///
    /// - Throws: ``JobError/notFound(_:)``.
    func act(
        _ action: JobAction, on id: JobID, by principal: Principal, within limits: UserQuota,
        at now: Timestamp
    ) async throws -> JobActionResult
    /// The jobs that match, up to a limit; those that the action can change come first, so that
    /// repeating it gets through all of them.
    func selection(
        for action: JobAction, matching filter: JobFilter, limit: Int
    ) async throws -> JobSelection
}

extension JobCommandStore {
    /// Does something to a job, however many its owner has.
    package func act(
        _ action: JobAction, on id: JobID, by principal: Principal, at now: Timestamp
    ) async throws -> JobActionResult {
        try await act(action, on: id, by: principal, within: .none, at: now)
    }
}
