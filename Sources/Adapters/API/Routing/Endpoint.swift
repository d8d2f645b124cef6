// What every endpoint is: a declaration, which the OpenAPI document is made of, and an answer.

import HTTP

/// One method of one path.
protocol Endpoint: Sendable {
    /// What it promises.
    var operation: Operation { get }
    /// Answers a call.
    ///
    /// - Throws: a ``Refusal``, or what the store throws; mapped to a reply by ``ErrorMapping``.
    func answer(_ call: Call) async throws -> Response
}

/// A request that was routed and, unless the operation is open, authenticated.
struct Call: Sendable {
    var request: Request
    var arguments = PathArguments()
    /// Who asks; empty where the operation is open.
    var user = ""
}
