// A store whose disk takes no virtual time: the clock stands still during each call.

import Jobs
import TestSupport

struct TimelessStore: ForwardingStore {
    let store: any ServiceStore
    let time: VirtualTime

    func forward<Value: Sendable>(
        _ call: @Sendable () async throws -> Value
    ) async throws -> Value {
        try await time.standingStill(for: call)
    }
}
