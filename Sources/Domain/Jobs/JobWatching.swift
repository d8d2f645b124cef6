// Hearing of changes to jobs instead of asking again and again. It must not know who waits.

/// Tells of jobs that have changed.
package protocol JobWatching: Sendable {
    /// Has the closure called with the jobs that were changed, whenever that has reached the disk,
    /// in place of an earlier closure. It must return at once. What other processes write is not
    /// told.
    func whenJobsChange(_ tell: @escaping @Sendable (Set<JobID>) -> Void)
}

extension JobWatching {
    package func whenJobsChange(_ tell: @escaping @Sendable (Set<JobID>) -> Void) {}
}
