// The states of a job and the ways between them.

/// Where a job stands. The names are part of the wire format.
package enum JobState: String, CaseIterable, Hashable, Sendable {
    /// Accepted and on disk, waiting for its turn.
    case pending
    /// Its files are being fetched.
    case running
    /// Every planned file ended well.
    case completed
    /// At least one planned file did not, or the job could not be planned.
    case failed
    /// Its owner called it off.
    case cancelled

    /// Whether nothing will change it by itself any more.
    package var isFinal: Bool { self == .completed || self == .failed || self == .cancelled }

    /// Whether a job in this state may go over to `next`.
    package func mayBecome(_ next: JobState) -> Bool {
        switch (self, next) {
        case (.pending, .running), (.pending, .failed), (.pending, .cancelled): true
        case (.running, .completed), (.running, .failed), (.running, .cancelled): true
        // Paused, until somebody resumes it.
        case (.running, .pending): true
        // To be verified, or to have its failed files tried again.
        case (.completed, .pending), (.failed, .pending), (.cancelled, .pending): true
        default: false
        }
    }
}
