// A job's files, counted by state: what its ending is decided by.

/// How the files of a job stand.
package struct FileStateCounts: Hashable, Sendable {
    /// Files by state; a state without files may be missing.
    package var counts: [FileState: Int]
    /// The first few files that failed, by position, to name in the job's error message.
    package var failures: [FileRecord]

    package init(counts: [FileState: Int], failures: [FileRecord]) {
        self.counts = counts
        self.failures = failures
    }

    /// Files that have not ended yet.
    package var open: Int { (counts[.pending] ?? 0) + (counts[.running] ?? 0) }
    package var total: Int { counts.values.reduce(0, +) }
}
