// Requests that are to be carried out on a certain version of a job only (RFC 9110 §13).

import Datasets
import HTTP
import Jobs

/// Answers a request with preconditions.
///
/// They are evaluated before the endpoint acts, not together with it: between the two another
/// request may change the same job.
struct PreconditionCheck: Sendable {
    let entry: Router.Entry
    let time: any Timekeeping

    /// - Throws: ``APIError/anotherVersion``, and what the endpoint throws.
    func answer(_ call: RequestContext) async throws -> Response {
        var conditions = call.request.headers
        if entry.method == .get { conditions.remove("If-None-Match") }
        // Mostly that: a client asks whether there is news.
        guard conditions.hasCondition else { return try await entry.endpoint.answer(call) }
        let shown = try await shown(call)
        let preconditions = Preconditions(
            call.request.method, conditions, current: shown.map(PreconditionCheck.validators),
            nowSeconds: time.now.microseconds / 1_000_000)
        if preconditions.outcome == .failed { throw APIError.anotherVersion }
        return try await entry.endpoint.answer(call)
    }

    /// What a plain GET of the path is answered with; `nil` where the path has none.
    private func shown(_ call: RequestContext) async throws -> Response? {
        guard let endpoint = entry.shown else { return nil }
        var plain = call
        plain.request.method = .get
        plain.request.headers.remove("If-None-Match", "Prefer")
        let response = try await endpoint.answer(plain)
        return response.status.code == Status.ok.code ? response : nil
    }

    private static func validators(_ response: Response) -> Validators {
        Validators(entityTag: response.headers["ETag"].flatMap { EntityTag(field: $0) })
    }
}
