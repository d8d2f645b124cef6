// Submitting where a test only wants a job.

package import Datasets
package import Jobs

extension JobStoring {
    /// A new job, whatever there is already.
    package func insert(_ request: DownloadRequest, at now: Timestamp) async throws -> Job {
        let submission = Submission(
            request, by: Principal(name: request.createdBy), isForced: true)
        guard case .accepted(let job) = try await submit(submission, at: now) else {
            preconditionFailure("what is forced and has neither key nor limits is accepted")
        }
        return job
    }
}
