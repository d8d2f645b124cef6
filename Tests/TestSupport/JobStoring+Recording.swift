// Recording where a test does not care how long attempts took, or when something was.

import Datasets
package import Jobs

extension JobStoring {
    /// Records how an attempt ended that took no time.
    package func record(_ ending: FileEnding, of id: JobID, position: Int) async throws {
        let moment = Timestamp(microseconds: 0)
        try await record(
            ending, of: id, position: position, during: AttemptSpan(from: moment, to: moment))
    }

    /// Keeps a plan at no moment in particular.
    package func expand(_ id: JobID, into plan: [PlannedFile], notes: [String]) async throws {
        try await expand(id, into: plan, notes: notes, at: Timestamp(microseconds: 0))
    }
}
