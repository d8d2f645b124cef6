// What every endpoint is: a declaration, from which the OpenAPI document is made, and a response;
// with the preconditions that are evaluated before it (RFC 9110 §13).

import APITypes
import Datasets
import HTTP
import JSON
import Jobs

/// One method of one path.
protocol Endpoint: Sendable {
    /// Its declaration.
    var operation: Operation { get }
    /// Whether its responses carry an ETag, so that preconditions on its path are evaluated; it
    /// evaluates If-None-Match itself.
    var hasVersions: Bool { get }
    /// What it writes, where the rate of one user is limited.
    var writes: WriteRates.Kind? { get }
    /// Responds to a request.
    ///
    /// - Throws: ``APIError``, or what the store throws; mapped to a response by ``ErrorMapping``.
    func respond(to context: RequestContext) async throws -> Response
    /// The response where it is in memory; `nil` where it takes waiting.
    ///
    /// - Throws: as ``respond(to:)``.
    func immediateResponse(to context: RequestContext) throws -> Response?
}

extension Endpoint {
    var hasVersions: Bool { false }

    var writes: WriteRates.Kind? { nil }

    func immediateResponse(to context: RequestContext) throws -> Response? { nil }
}

/// A request that was routed and, unless the operation is open, authenticated.
struct RequestContext: Sendable {
    var request: Request
    var arguments = PathArguments()
    /// The sender; without a name where the operation is open.
    var principal = Principal(name: "")

    /// The sender's name.
    var user: String { principal.name }
}

/// Responds to a request with preconditions.
///
/// They are evaluated before the endpoint acts, not atomically with it: another request may change
/// the job in between.
struct PreconditionCheck: Sendable {
    let target: Router.Target
    let time: any Timekeeping

    /// - Throws: ``APIError/anotherVersion``, and what the endpoint throws.
    func respond(to context: RequestContext) async throws -> Response {
        var conditions = context.request.headers
        if target.method == .get { conditions.remove("If-None-Match") }
        // Usually so: the client polls for a change.
        guard conditions.hasCondition else { return try await target.endpoint.respond(to: context) }
        let shown = try await shown(context)
        let preconditions = Preconditions(
            context.request.method, conditions, current: shown.map(PreconditionCheck.validators),
            nowSeconds: time.now.microseconds / 1_000_000)
        if preconditions.outcome == .failed { throw APIError.anotherVersion }
        return try await target.endpoint.respond(to: context)
    }

    /// The response to a plain GET of the path; `nil` where the path has none.
    private func shown(_ context: RequestContext) async throws -> Response? {
        guard let endpoint = target.shown else { return nil }
        var plain = context
        plain.request.method = .get
        plain.request.headers.remove("If-None-Match", "Prefer")
        let response = try await endpoint.respond(to: plain)
        return response.status.code == Status.ok.code ? response : nil
    }

    private static func validators(_ response: Response) -> Validators {
        Validators(entityTag: response.headers["ETag"].flatMap { EntityTag(field: $0) })
    }
}

extension Response {
    /// A response with a shape as its content.
    static func json(
        _ status: Status, _ shape: some JSONWritable, _ headers: Headers = Headers()
    ) -> Response {
        json(status, JSONCoding.encode(shape), headers)
    }

    /// A response with JSON that is already written.
    static func json(
        _ status: Status, _ content: [UInt8], _ headers: Headers = Headers()
    ) -> Response {
        if headers.isEmpty {
            return Response(status: status, headers: .json, body: .bytes(content))
        }
        var headers = headers
        headers.set("Content-Type", "application/json")
        return Response(status: status, headers: headers, body: .bytes(content))
    }
}

extension Headers {
    /// The fields of most responses.
    fileprivate static let json = Headers(["Content-Type": "application/json"])
}
