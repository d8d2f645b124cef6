// What a start changes about what the last process left. It must not know SQL.

package import Datasets

/// Recovering.
///
/// The promises of ``JobStoring`` hold.
package protocol CrashStoring: Sendable {
    /// After a start: files that the last process left `running` are `pending` again, attempt
    /// uncounted.
    ///
    /// After a crash ``JobControl/crashes`` of each job that was at work is one more, and an event
    /// says so; a file that ends, or an attempt that counts, sets it back to 0. A job is at work
    /// while it is planned, while a file of it is `running`, and while none is open any more. At
    /// the limit its running files are `failed` instead, for ``PoisonJobPolicy/failure(after:)``.
    func recover(after end: ProcessEnd, at now: Timestamp) async throws -> Recovery
}
