// POST /settings/upstream/resume: ends a pause that the upstream asked for.

import APITypes
import Datasets
import HTTP
import Jobs
import Logging

/// Has the upstream asked again at once; administrators may.
struct ResumeUpstream: Endpoint {
    let parts: APIDependencies

    init(_ parts: APIDependencies) {
        self.parts = parts
    }

    var operation: Operation {
        Operation(
            method: .post, path: PathTemplate("/settings/upstream/resume"),
            identifier: "resume_upstream", summary: "End a pause of the upstream",
            details: "Asks Tardis again at once, where downloads pause because its quota was used "
                + "up, its rate limit was reached or the API key was in use elsewhere. Should "
                + "Tardis refuse again, they pause again. For administrators (`ADMIN_USERS`).",
            ownAnswers: [
                .init(
                    status: .ok, details: "The pause that was ended.",
                    content: .json(schema: "UpstreamResumeResponse")),
                .init(
                    status: .conflict, details: "Downloads do not pause for the upstream.",
                    content: .json(schema: "Error")),
            ])
    }

    func answer(_ call: RequestContext) async throws -> Response {
        try call.requireAdministrator()
        guard let pause = try await parts.conductor.endUpstreamPause(by: call.principal) else {
            throw APIError.conflict(
                "Nothing was done: downloads do not pause for the upstream at the moment.")
        }
        parts.logger.notice(
            "an upstream pause was ended",
            metadata: [
                "request": "\(call.request.id)", "user": "\(call.user)",
                "until": "\(pause.until)",
            ])
        return .json(
            .ok, UpstreamResumeResponse(until: pause.until.iso8601, reason: pause.reason))
    }
}

extension RequestContext {
    /// - Throws: ``APIError/adminsOnly(_:)`` unless an administrator asks.
    func requireAdministrator() throws(APIError) {
        guard !principal.isAdmin else { return }
        throw .adminsOnly(
            "User \(user) is no administrator of this service. Its operator names them in "
                + "ADMIN_USERS.")
    }
}
