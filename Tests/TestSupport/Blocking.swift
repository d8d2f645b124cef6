// Threads for test code that blocks. It must not be used for what can be awaited.

import Dispatch

/// Runs code that blocks on a thread of its own, and waits for it without holding one of those that
/// tasks share.
package func blocking<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue(label: "blocking").async {
            continuation.resume(with: Swift.Result { try body() })
        }
    }
}
