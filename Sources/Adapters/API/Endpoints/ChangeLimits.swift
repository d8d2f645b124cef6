// PATCH /settings/limits: sets limits, or sets them back to their defaults.

import APITypes
import HTTP
import Jobs
import Logging

/// Changes limits while the service runs; administrators may.
struct ChangeLimits: Endpoint {
    let parts: APIDependencies

    init(_ parts: APIDependencies) {
        self.parts = parts
    }

    var operation: Operation {
        Operation(
            method: .patch, path: PathTemplate("/settings/limits"), identifier: "change_limits",
            summary: "Change limits",
            details: "Sets the limits that are named, all or none; `null` sets one back to its "
                + "default, which the environment gives. They count at once and outlive restarts. "
                + "What is under way goes on. For administrators (`ADMIN_USERS`).",
            requestBody: "LimitsChange",
            ownAnswers: [
                .init(
                    status: .ok, details: "All limits, as they are now.",
                    content: .json(schema: "LimitsResponse")),
                .invalid,
            ])
    }

    func answer(_ call: RequestContext) async throws -> Response {
        try call.requireAdministrator()
        let values = try LimitsReader.values(in: try RequestBody.object(of: call.request))
        let words = words(for: values)
        let settings = try await parts.store.set(
            values, by: call.principal, detail: words, at: parts.time.now)
        parts.limits.adopt(settings)
        parts.logger.notice(
            "limits changed",
            metadata: [
                "request": "\(call.request.id)", "user": "\(call.user)", "limits": "\(words)",
            ])
        return .json(.ok, LimitsResponse(parts.limits))
    }

    /// `transfers: 16 → 8; running_jobs: 6 → 4 (default)`
    private func words(for values: [ServiceLimit: Int?]) -> String {
        let current = parts.limits.current
        let changes = ServiceLimit.allCases.compactMap { limit -> String? in
            guard let value = values[limit] else { return nil }
            let new = value.map(String.init) ?? "\(parts.limits.defaults[limit]) (default)"
            return "\(limit.rawValue): \(current[limit]) → \(new)"
        }
        return changes.joined(separator: "; ")
    }
}
