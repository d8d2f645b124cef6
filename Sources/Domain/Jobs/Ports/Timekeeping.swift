// Time as a parameter: tests run hours of back-off in milliseconds.

package import Datasets

/// A clock that can be waited on.
package protocol Timekeeping: Sendable {
    /// The wall clock.
    var now: Timestamp { get }
    /// Returns when the duration has passed.
    ///
    /// - Throws: `CancellationError` when the task is cancelled first.
    func sleep(for duration: Duration) async throws
}
