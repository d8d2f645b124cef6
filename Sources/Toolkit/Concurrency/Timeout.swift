// The one time-out of the house: an operation that is given a limit of time, and has ended when the
// answer is there.

/// The value of an operation, or `nil` where the limit passed first or the caller was cancelled.
///
/// Structured: the operation runs in a child task, which is cancelled when the limit passes and has
/// ended when this returns, so whatever it works with may be given back then. Time-outs may be
/// nested. What cannot be cancelled, such as a look at a disk that hangs, goes through a
/// ``SharedOperation``.
///
/// - Parameters:
///   - limit: no more than zero ends the operation at its first chance.
///   - sleep: returns when the time has passed, or its task is cancelled.
///   - operation: has to end soon after it is cancelled; its value is then dropped.
package func withTimeout<Value: Sendable>(
    _ limit: Duration, sleep: @escaping @Sendable (Duration) async throws -> Void,
    _ operation: @escaping @Sendable () async -> Value
) async -> Value? {
    await withTaskGroup(of: Value?.self) { group in
        group.addTask {
            let value = await operation()
            return Task.isCancelled ? nil : value
        }
        group.addTask {
            try? await sleep(limit)
            return nil
        }
        let first = await group.next()
        group.cancelAll()
        // The group awaits the other child before it returns.
        return first ?? nil
    }
}
