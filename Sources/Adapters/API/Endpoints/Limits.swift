// GET and PATCH /settings/limits: the limits of the service, and changes to them.

import APITypes
import Datasets
import HTTP
import JSON
import Jobs
import Logging

/// Shows the limits.
struct GetLimits: Endpoint {
    let store: any LimitStore
    let limits: RuntimeLimits

    var operation: Operation {
        Operation(
            method: .get, path: PathTemplate("/settings/limits"), identifier: "get_limits",
            summary: "Show the limits",
            details: "What the service does at once, what users may ask for, and who changed it.",
            responses: [
                .json(.ok, "LimitsResponse", "All limits.")
            ])
    }

    func respond(to context: RequestContext) async throws -> Response {
        limits.apply(try await store.limitSettings())
        return .json(.ok, LimitsResponse(limits))
    }
}

/// Changes limits while the service runs, on behalf of administrators.
struct ChangeLimits: Endpoint {
    let dependencies: APIDependencies

    var operation: Operation {
        Operation(
            method: .patch, path: PathTemplate("/settings/limits"), identifier: "change_limits",
            summary: "Change limits",
            details: "Sets the limits that are named, all or none; `null` sets one back to its "
                + "default, which the environment gives. They count at once and outlive restarts. "
                + "What is under way goes on. For administrators (`ADMIN_USERS`).",
            requestBody: "LimitsChange",
            responses: [
                .json(.ok, "LimitsResponse", "All limits, as they are now."),
                .invalid,
            ])
    }

    func respond(to context: RequestContext) async throws -> Response {
        try context.requireAdministrator()
        let values = try LimitsReader.values(in: try RequestBody.object(of: context.request))
        let words = words(for: values)
        let settings = try await dependencies.limitStore.set(
            values, by: context.principal, detail: words, at: dependencies.time.now)
        dependencies.limits.apply(settings)
        dependencies.logger.notice(
            "limits changed",
            metadata: [
                "request": "\(context.request.id)", "user": "\(context.user)", "limits": "\(words)",
            ])
        return .json(.ok, LimitsResponse(dependencies.limits))
    }

    /// `transfers: 16 → 8; running_jobs: 6 → 4 (default)`
    private func words(for values: [ServiceLimit: Int?]) -> String {
        let current = dependencies.limits.current
        let changes = ServiceLimit.allCases.compactMap { limit -> String? in
            guard let value = values[limit] else { return nil }
            let new = value.map(String.init) ?? "\(dependencies.limits.defaults[limit]) (default)"
            return "\(limit.rawValue): \(current[limit]) → \(new)"
        }
        return changes.joined(separator: "; ")
    }
}

/// Reads a change of limits.
enum LimitsReader {
    /// The values by limit; `nil` stands for the default.
    ///
    /// - Parameter body: an object.
    /// - Throws: ``APIError/invalid(_:)`` with all problems together: unknown members, values that
    ///   are not whole numbers or out of range, and a body without any member.
    static func values(in body: JSONValue) throws(APIError) -> [ServiceLimit: Int?] {
        var values: [ServiceLimit: Int?] = [:]
        var problems: [ValidationProblem] = []
        let members = body.members ?? []
        for member in members {
            let location: [ValidationProblem.Step] = ["body", .name(member.name)]
            guard let limit = ServiceLimit(rawValue: member.name) else {
                problems.append(.unknownMember(location, input: member.value))
                continue
            }
            if member.value == .null {
                values[limit] = .some(nil)
            } else if let problem = ValidationProblem.wholeNumber(
                member.value, in: limit.range, at: location)
            {
                problems.append(problem)
            } else {
                values[limit] = .some(member.value.integer)
            }
        }
        if members.isEmpty {
            let names = ServiceLimit.allCases.map(\.rawValue).joined(separator: ", ")
            problems = [.badValue(["body"], "name at least one limit: \(names)", input: body)]
        }
        guard problems.isEmpty else {
            throw .invalid(Array(problems.prefix(BodyReader.problemsMax)))
        }
        return values
    }
}

extension LimitsResponse {
    /// The current limits.
    init(_ limits: RuntimeLimits) {
        let (current, settings) = (limits.current, limits.settings)
        self.init(
            ServiceLimit.allCases.map { limit in
                NamedLimit(
                    limit.rawValue,
                    LimitResponse(
                        value: current[limit], default: limits.defaults[limit],
                        changedBy: settings[limit]?.changedBy,
                        changedAt: settings[limit]?.changedAt.iso8601))
            })
    }
}
