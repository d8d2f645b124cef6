// Asks the store until it works: a full disk must not end the queue, nor make it spin. It must not
// know what is stored.

import Concurrency
import Datasets
import Jobs
import Logging

/// A store that may refuse for a while.
struct RetryingStore<Store: Sendable>: Sendable {
    /// The first wait after a refusal; each further one is twice as long …
    private static var waits: RetryPolicy {
        RetryPolicy(base: .seconds(1), ceiling: .seconds(60), attemptsMax: .max, jitterShare: 0)
    }

    let store: Store
    let clock: any Timekeeping
    let stopping: ShutdownSignal
    let logger: Logger

    /// Does something with the store, again and again while the store refuses.
    ///
    /// It is always tried once, also while stopping, so that what is known can still be kept.
    ///
    /// - Parameter what: for the log, in the infinitive: `record a file`.
    /// - Returns: `nil` where it did not work before the signal to stop, or where the job is gone.
    func retrying<Value: Sendable>(
        _ what: String, _ operation: (Store) async throws -> Value
    ) async -> Value? {
        var refusals = 0
        while true {
            do {
                let value = try await operation(store)
                if refusals > 0 {
                    logger.info("the store works again", metadata: ["operation": "\(what)"])
                }
                return value
            } catch JobError.notFound(let id) {
                logger.warning("the job is gone", metadata: ["job": "\(id)"])
                return nil
            } catch {
                refusals += 1
                logger.log(
                    level: refusals == 1 ? .error : .debug, "the store refused",
                    metadata: ["operation": "\(what)", "error": "\(error)"])
            }
            if stopping.isFired { return nil }
            await stopping.pause(
                for: RetryingStore.waits.backOff(after: refusals), sleep: clock.sleep)
        }
    }
}
