// Requests that are to be carried out on a certain version only (RFC 9110 §13). It must not know
// what they do.

import Datasets
import HTTP
import Jobs

/// Answers a request with preconditions.
///
/// They are looked at before the endpoint acts, not together with it: between the two somebody else
/// may act on the same job.
struct ConditionalAnswer: Sendable {
    let entry: Router.Entry
    let time: any Timekeeping

    /// - Throws: ``Refusal/anotherVersion``, and what the endpoint throws.
    func answer(_ call: Call) async throws -> Response {
        var conditions = call.request.headers
        if entry.method == .get, entry.endpoint.evaluatesIfNoneMatch {
            conditions.remove("If-None-Match")
        }
        // Mostly that: somebody asks whether there is news.
        guard conditions.hasCondition else { return try await entry.endpoint.answer(call) }
        let shown = try await shown(call)
        let preconditions = Preconditions(
            call.request.method, conditions, current: shown.map(ConditionalAnswer.validators),
            nowSeconds: time.now.microseconds / 1_000_000)
        switch preconditions.outcome {
        case .failed: throw Refusal.anotherVersion
        case .notModified: return notModified(shown)
        case .proceed: return try await entry.endpoint.answer(call)
        }
    }

    /// What a plain GET of the path is answered with; `nil` where the path has none.
    private func shown(_ call: Call) async throws -> Response? {
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

    private func notModified(_ shown: Response?) -> Response {
        var headers = Headers()
        if let tag = shown?.headers["ETag"] { headers.append("ETag", tag) }
        return Response(status: .notModified, headers: headers)
    }
}
