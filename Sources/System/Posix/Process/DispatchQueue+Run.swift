// The way from async code to calls that block.

package import Dispatch

extension DispatchQueue {
    /// Runs blocking work on the queue and waits for its result without holding a thread: async
    /// code shares as many threads as there are cores, and none of them may sleep in a system call.
    package func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            async { continuation.resume(returning: body()) }
        }
    }
}
