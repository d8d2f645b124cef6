// Time as a parameter: tests run hours of back-off in milliseconds.

package import Concurrency
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

extension AsyncSignal {
    /// Like ``wait()``, and returns at the latest at the moment, if there is one.
    package func wait(until moment: Timestamp?, on clock: some Timekeeping) async {
        guard let moment else { return await wait() }
        await wait(atMost: moment - clock.now, sleep: clock.sleep)
    }
}
