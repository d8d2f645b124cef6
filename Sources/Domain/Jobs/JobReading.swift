// What the store keeps of jobs and what it answers about them. It must not know SQL.

/// Looking at jobs and their files.
///
/// The promises of ``JobStoring`` hold.
package protocol JobReading: Sendable {
    /// The job with this id, `nil` if there is none.
    func job(_ id: JobID) async throws -> Job?
    /// All symbols of a job, in its order; none where there is no such job. Takes a millisecond for
    /// some ten thousand.
    func symbols(of id: JobID) async throws -> [String]
    /// The job with this id where that is known without waiting for anything, as fresh as
    /// ``job(_:)`` would find it; `nil` says nothing.
    func jobInMemory(_ id: JobID) -> CachedJob?
    /// One page of the jobs that match, newest first, and how many match in all.
    func jobs(matching filter: JobFilter, limit: Int, offset: Int) async throws -> JobPage
    /// The planned files of a job by name in the order of its bytes, optionally only those in the
    /// given states.
    func files(
        of id: JobID, in states: Set<FileState>?, limit: Int, offset: Int
    ) async throws -> [FileRecord]
    /// As ``files(of:in:limit:offset:)``, with the last attempts at each.
    func reports(
        of id: JobID, in states: Set<FileState>?, limit: Int, offset: Int
    ) async throws -> [FileReport]
    /// How many planned files of a job are in the given states, or in any.
    func fileCount(of id: JobID, in states: Set<FileState>?) async throws -> Int
    /// The sums of all published files of a job; their text is what the job's digest stands for,
    /// where it has one.
    ///
    /// - Throws: ``JobError/notFound(_:)``.
    func checksums(of id: JobID) async throws -> ChecksumList
    /// Whether the store answers: one cheap read.
    func probe() async throws
}

extension JobReading {
    package func jobInMemory(_ id: JobID) -> CachedJob? { nil }
}
