// What every endpoint is: a declaration, which the OpenAPI document is made of, and an answer.

import HTTP
import Jobs

/// One method of one path.
protocol Endpoint: Sendable {
    /// What it promises.
    var operation: Operation { get }
    /// Whether its answers carry an ETag, so that preconditions on its path are evaluated; it
    /// evaluates If-None-Match itself.
    var hasVersions: Bool { get }
    /// What it writes, where one user may do that only so often.
    var writes: WriteRates.Kind? { get }
    /// Answers a call.
    ///
    /// - Throws: a ``APIError``, or what the store throws; mapped to a reply by ``ErrorMapping``.
    func answer(_ call: RequestContext) async throws -> Response
    /// Answers a call whose answer is in memory; `nil` where it has to be waited for.
    ///
    /// - Throws: as ``answer(_:)``.
    func answerAtOnce(_ call: RequestContext) throws -> Response?
}

extension Endpoint {
    var hasVersions: Bool { false }

    var writes: WriteRates.Kind? { nil }

    func answerAtOnce(_ call: RequestContext) throws -> Response? { nil }
}

/// A request that was routed and, unless the operation is open, authenticated.
struct RequestContext: Sendable {
    var request: Request
    var arguments = PathArguments()
    /// Who asks; without a name where the operation is open.
    var principal = Principal(name: "")

    /// The name of who asks.
    var user: String { principal.name }
}
