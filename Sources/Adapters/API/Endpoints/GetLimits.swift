// GET /settings/limits: how much the service does at once, and who decided that.

import APITypes
import HTTP
import Jobs

/// Shows the limits.
struct GetLimits: Endpoint {
    let store: any JobStoring
    let limits: RuntimeLimits

    var operation: Operation {
        Operation(
            method: .get, path: PathTemplate("/settings/limits"), identifier: "get_limits",
            summary: "Show the limits",
            details: "What the service does at once, what users may ask for, and who changed it.",
            ownAnswers: [
                .init(
                    status: .ok, details: "All limits.", content: .json(schema: "LimitsResponse"))
            ])
    }

    func answer(_ call: RequestContext) async throws -> Response {
        limits.adopt(try await store.limitSettings())
        return .json(.ok, LimitsResponse(limits))
    }
}
