// Who may do what to a job, and the word to the log. It must not know routes, nor how it is done.

import APITypes
import Jobs
import Logging

extension JobVerb {
    var action: JobAction {
        switch self {
        case .cancel: .cancel
        case .retry: .retry
        case .pause: .pause
        case .resume: .resume
        }
    }
}

/// Does things to jobs.
struct JobActions: Sendable {
    let store: any JobStoring
    let presenter: WaitReasonPresenter
    private let steward: JobCommandService
    private let limits: RuntimeLimits
    private let logger: Logger

    init(_ parts: APIDependencies) {
        store = parts.store
        presenter = WaitReasonPresenter(parts)
        limits = parts.limits
        steward = JobCommandService(
            store: parts.store, conductor: parts.conductor, clock: parts.time)
        logger = parts.logger
    }

    /// - Throws: ``APIError/forbidden(_:)`` unless the principal may act on the job.
    static func check(_ principal: Principal, may verb: String, _ job: Job) throws(APIError) {
        guard !principal.mayAct(on: job) else { return }
        throw .forbidden(objection(to: verb, job))
    }

    /// Why somebody may not do something to a job that is another's.
    static func objection(to verb: String, _ job: Job) -> String {
        "Only \(job.createdBy), who submitted job \(job.id), and administrators (ADMIN_USERS) may "
            + "\(verb) it."
    }

    /// Does something to a job, on behalf of somebody who may.
    ///
    /// - Throws: what the store throws.
    func perform(
        _ action: JobAction, on id: JobID, by principal: Principal
    ) async throws -> JobActionResult {
        let result = try await steward.perform(
            action, on: id, by: principal, within: UserQuota(limits.current))
        guard result.verdict == .act else { return result }
        logger.info(
            "job changed",
            metadata: [
                "job": "\(id)", "action": "\(action)", "user": "\(principal.name)",
                "state": "\(result.job.state.rawValue)",
            ])
        return result
    }
}
