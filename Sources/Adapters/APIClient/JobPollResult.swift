// What came of waiting for a job to change.

package import APITypes

/// The answer to whoever knows a version of a job.
package enum JobPollResult: Sendable {
    /// It is another one now.
    case changed(APIReply<JobResponse>)
    /// It is not; tells whether the service has waited before it said so.
    case unchanged(wasHeld: Bool)
}
