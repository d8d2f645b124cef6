// GET /: who answers.

import APITypes
import HTTP

/// Says that the service runs.
struct Root: Endpoint {
    private let response: Response

    init(version: String) {
        response = .json(.ok, ServiceInfo(version: version))
    }

    var operation: Operation {
        Operation(
            method: .get, path: PathTemplate("/"), identifier: "root", summary: "Service",
            details: "The service's name and version. Looks at nothing; see `/health`.",
            isOpen: true,
            ownAnswers: [
                .init(status: .ok, details: "It runs.", content: .json(schema: "ServiceInfo"))
            ])
    }

    func answer(_ call: RequestContext) async throws -> Response {
        response
    }

    func answerAtOnce(_ call: RequestContext) -> Response? {
        response
    }
}
