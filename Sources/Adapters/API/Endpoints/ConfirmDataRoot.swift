// POST /settings/data-root/confirm: takes the data root that is there now for the right one.

import APITypes
import HTTP
import Jobs
import Logging

/// Lets downloads go on in a data root that has become another one; administrators may.
struct ConfirmDataRoot: Endpoint {
    let parts: APIDependencies

    init(_ parts: APIDependencies) {
        self.parts = parts
    }

    var operation: Operation {
        Operation(
            method: .post, path: PathTemplate("/settings/data-root/confirm"),
            identifier: "confirm_data_root", summary: "Confirm the data folder",
            details: "Lets downloads go on where they wait with `data_root_changed`: the data "
                + "folder is not the one that the last files were written to, because a mount is "
                + "missing or has come late, or another disk stands in its place. Confirm only a "
                + "folder that files are to go to from now on. For administrators (`ADMIN_USERS`).",
            ownAnswers: [
                .init(
                    status: .ok, details: "It is confirmed.",
                    content: .json(schema: "DataRootConfirmResponse")),
                .init(
                    status: .conflict,
                    details: "The data folder is not in question, or cannot be written.",
                    content: .json(schema: "Error")),
            ])
    }

    func answer(_ call: RequestContext) async throws -> Response {
        try call.requireAdministrator()
        do {
            guard let reading = try await parts.conductor.confirmDataRoot(by: call.principal)
            else {
                throw APIError.conflict(
                    "Nothing was done: the data folder is the one that the last files were "
                        + "written to.")
            }
            parts.logger.notice(
                "the data root was confirmed",
                metadata: ["request": "\(call.request.id)", "user": "\(call.user)"])
            return .json(.ok, DataRootConfirmResponse(diskFreeBytes: reading.freeBytes))
        } catch let refusal as StorageRefusal {
            throw APIError.conflict(
                "Nothing was done: the data folder cannot be written: \(refusal.reason).")
        }
    }
}
