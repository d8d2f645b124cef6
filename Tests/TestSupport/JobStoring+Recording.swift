// Recording endings where a test does not care how long attempts took.

import Datasets
package import Jobs

extension JobStoring {
    /// Records how an attempt ended that took no time.
    package func record(_ ending: FileEnding, of id: JobID, position: Int) async throws {
        let moment = Timestamp(microseconds: 0)
        try await record(
            ending, of: id, position: position, during: AttemptSpan(from: moment, to: moment))
    }
}

extension JobStoring {
    /// Recovers after an end that was asked for.
    package func recover() async throws -> [Job] {
        try await recover(after: .clean, at: Timestamp(microseconds: 0)).jobs
    }
}
