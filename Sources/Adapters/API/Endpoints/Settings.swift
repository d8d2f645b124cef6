// POST /settings/upstream/resume and /settings/data-root/confirm: what administrators decide while
// downloads wait.

import APITypes
import Datasets
import HTTP
import Jobs
import Logging

/// Ends an upstream pause at once, on behalf of administrators.
struct ResumeUpstream: Endpoint {
    let dependencies: APIDependencies

    var operation: Operation {
        Operation(
            method: .post, path: PathTemplate("/settings/upstream/resume"),
            identifier: "resume_upstream", summary: "End a pause of the upstream",
            details: "Asks Tardis again at once, where downloads pause because its quota was used "
                + "up, its rate limit was reached or the API key was in use elsewhere. Should "
                + "Tardis refuse again, they pause again. For administrators (`ADMIN_USERS`).",
            responses: [
                .json(.ok, "UpstreamResumeResponse", "The pause that was ended."),
                .error(.conflict, "Downloads do not pause for the upstream."),
            ])
    }

    func respond(to context: RequestContext) async throws -> Response {
        try context.requireAdministrator()
        guard let pause = try await dependencies.runner.endUpstreamPause(by: context.principal)
        else {
            throw APIError.conflict(
                "Nothing was done: downloads do not pause for the upstream at the moment.")
        }
        dependencies.logger.notice(
            "an upstream pause was ended",
            metadata: [
                "request": "\(context.request.id)", "user": "\(context.user)",
                "until": "\(pause.until)",
            ])
        return .json(
            .ok, UpstreamResumeResponse(until: pause.until.iso8601, reason: pause.reason))
    }
}

extension RequestContext {
    /// - Throws: ``APIError/adminsOnly(_:)`` unless the sender is an administrator.
    func requireAdministrator() throws(APIError) {
        guard !principal.isAdmin else { return }
        throw .adminsOnly(
            "User \(user) is no administrator of this service. Its operator names them in "
                + "ADMIN_USERS.")
    }
}

/// Confirms a data root that is no longer the same folder, on behalf of administrators.
struct ConfirmDataRoot: Endpoint {
    let dependencies: APIDependencies

    var operation: Operation {
        Operation(
            method: .post, path: PathTemplate("/settings/data-root/confirm"),
            identifier: "confirm_data_root", summary: "Confirm the data folder",
            details: "Lets downloads go on where they wait with `data_root_changed`: the data "
                + "folder is not the one that the last files were written to, because a mount is "
                + "missing or has come late, or another disk stands in its place. Confirm only a "
                + "folder that files are to go to from now on. For administrators (`ADMIN_USERS`).",
            responses: [
                .json(.ok, "DataRootConfirmResponse", "It is confirmed."),
                .error(.conflict, "The data folder is not in question, or cannot be written."),
            ])
    }

    func respond(to context: RequestContext) async throws -> Response {
        try context.requireAdministrator()
        do {
            guard let reading = try await dependencies.runner.confirmDataRoot(by: context.principal)
            else {
                throw APIError.conflict(
                    "Nothing was done: the data folder is the one that the last files were "
                        + "written to.")
            }
            dependencies.logger.notice(
                "the data root was confirmed",
                metadata: ["request": "\(context.request.id)", "user": "\(context.user)"])
            return .json(.ok, DataRootConfirmResponse(diskFreeBytes: reading.freeBytes))
        } catch let error as StorageRefusal {
            throw APIError.conflict(
                "Nothing was done: the data folder cannot be written: \(error.reason).")
        }
    }
}
