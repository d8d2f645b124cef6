// What a server serves, and the threads for handlers that compute for long.

import Dispatch

/// Answers requests. Called on an event loop: it must suspend instead of block.
package protocol Handler: Sendable {
    /// Answers a request, in a task that prefers the loop.
    func respond(to request: Request) async -> Response

    /// Begins to answer a request. A handler that knows an answer without waiting returns it ready,
    /// and saves the task that ``respond(to:)`` would run in: that costs more than parsing the
    /// request.
    func begin(_ request: Request) -> Answer
}

/// An answer, or the way to it.
package enum Answer: Sendable {
    case ready(Response)
    /// To be run in a task that prefers the loop.
    case later(@Sendable () async -> Response)
}

extension Handler {
    package func begin(_ request: Request) -> Answer {
        .later { await respond(to: request) }
    }
}

/// Work that takes more than a millisecond of a core.
///
/// It runs on threads of its own, one for each kind, whichever executor the task prefers: on an
/// event loop it would hold up every other connection there, and on the pool that runs async code,
/// which has a thread for each core, a few large requests would hold up everything else. So however
/// many come at once, they take turns, and the scheduler of the kernel keeps the loops going.
/// Blocking for long has no place here either.
package enum LongComputation {
    /// Runs work that a request causes, such as understanding it.
    package static func run<Result: Sendable, Failure: Error>(
        _ work: @escaping @concurrent @Sendable () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        try await withTaskExecutorPreference(requests) { () async throws(Failure) in
            try await work()
        }
    }

    /// Runs work that writes an answer, such as a long list. It does not wait for requests that
    /// take long to be understood.
    package static func answer<Result: Sendable, Failure: Error>(
        _ work: @escaping @concurrent @Sendable () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        try await withTaskExecutorPreference(answers) { () async throws(Failure) in
            try await work()
        }
    }

    /// How many threads there are, each of which may read from a store at the same time.
    package static let threadCount = 2

    private static let requests = LongExecutor("long-requests")
    private static let answers = LongExecutor("long-answers")
}

/// One thread, by way of a serial queue.
private final class LongExecutor: TaskExecutor {
    private let queue: DispatchQueue

    init(_ name: String) {
        queue = DispatchQueue(label: name)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
