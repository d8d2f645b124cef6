// What a server serves.

/// Answers requests. Called on an event loop: it must suspend instead of block.
package protocol Handler: Sendable {
    /// Answers a request, in a task that prefers the loop.
    func respond(to request: Request) async -> Response

    /// Begins to answer a request. Whoever knows some answers without waiting for anything returns
    /// them ready, and saves the task that ``respond(to:)`` would run in: that costs more than
    /// parsing the request.
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
