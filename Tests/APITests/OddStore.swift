// A store that fails with an error that no caller knows.

import Jobs
import TestSupport

/// Throws ``Odd`` from every call.
struct OddStore: ForwardingStore {
    struct Odd: Error {}

    let store: any ServiceStore = InMemoryJobStore()

    func forward<Value: Sendable>(
        _ call: @Sendable () async throws -> Value
    ) async throws -> Value {
        throw Odd()
    }
}
