// A store whose every call takes time before and after it has happened, so that commands meet the
// queue between any two of its steps.

import Jobs
import TestSupport

struct SlowStore: ForwardingStore {
    let store: any ServiceStore
    let clock: VirtualTime
    let span: Duration

    func forward<Value: Sendable>(
        _ call: @Sendable () async throws -> Value
    ) async throws -> Value {
        // In a cancelled task the clock does not wait; the call is made all the same.
        try? await clock.sleep(for: span)
        let value = try await call()
        try? await clock.sleep(for: span)
        return value
    }
}
