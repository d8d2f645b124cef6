// Listing jobs page after page, however many there are. It must not know SQL or a query.

/// Pages that begin where another ended.
///
/// The promises of ``JobStoring`` hold.
package protocol JobPaging: Sendable {
    /// One page of the jobs that match and are older than a job, newest first, and how many match
    /// in all. Jobs that are submitted meanwhile change no page behind the first.
    ///
    /// - Parameter before: usually ``JobPage/next`` of the page before; `nil` for the first page.
    ///   There need not be such a job any more.
    func jobs(matching filter: JobFilter, limit: Int, before: JobID?) async throws -> JobPage
}
