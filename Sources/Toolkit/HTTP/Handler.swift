// What a server serves.

/// Answers requests. Called on an event loop: it must suspend instead of block.
package protocol Handler: Sendable {
    func respond(to request: Request) async -> Response
}
