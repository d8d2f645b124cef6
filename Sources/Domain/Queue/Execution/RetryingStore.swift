// Repeats store operations until they succeed: a full disk neither ends the queue nor makes it
// spin.

import Concurrency
import Datasets
import Jobs
import Logging

/// A store whose operations may fail for a while.
struct RetryingStore<Store: Sendable>: Sendable {
    /// The waits after failures: 1 second, doubling to 1 minute.
    private static var waits: RetryPolicy {
        RetryPolicy(base: .seconds(1), ceiling: .seconds(60), attemptsMax: .max, jitterShare: 0)
    }

    let store: Store
    let clock: any Timekeeping
    let stopping: ShutdownSignal
    let logger: Logger

    /// Repeats an operation until it succeeds.
    ///
    /// It is tried at least once, also while stopping, so that results can still be recorded.
    ///
    /// - Parameter what: for the log, in the infinitive: `record a file`.
    /// - Returns: `nil` if it failed until the service stopped, or if the job no longer exists.
    func retrying<Value: Sendable>(
        _ what: String, _ operation: (Store) async throws -> Value
    ) async -> Value? {
        var failures = 0
        while true {
            do {
                let value = try await operation(store)
                if failures > 0 {
                    logger.info("the store works again", metadata: ["operation": "\(what)"])
                }
                return value
            } catch JobError.notFound(let id) {
                logger.warning("the job is gone", metadata: ["job": "\(id)"])
                return nil
            } catch {
                failures += 1
                logger.log(
                    level: failures == 1 ? .error : .debug, "the store refused",
                    metadata: ["operation": "\(what)", "error": "\(error)"])
            }
            if stopping.isFired { return nil }
            await stopping.pause(
                for: RetryingStore.waits.backOff(after: failures), sleep: clock.sleep)
        }
    }
}
