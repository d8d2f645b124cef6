// The way off an event loop for handlers that have to think. It must not know what about.

/// Work that takes more than a millisecond of a core.
package enum LongComputation {
    /// Runs it on the pool that runs async code, whichever executor the task prefers: on an event
    /// loop it would hold up every other connection there. Blocking has no place here either.
    package static func run<Result: Sendable, Failure: Error>(
        _ work: @escaping @Sendable () throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        try await withTaskExecutorPreference(globalConcurrentExecutor) { () throws(Failure) in
            try work()
        }
    }

    /// The same for work that waits in between.
    package static func run<Result: Sendable>(
        _ work: @escaping @concurrent @Sendable () async -> Result
    ) async -> Result {
        await withTaskExecutorPreference(globalConcurrentExecutor) { await work() }
    }
}
