// Recording where a test does not care how long attempts took, or when something was.

package import Datasets
package import Jobs

extension JobStoring {
    /// Records how an attempt ended that took no time.
    package func record(_ ending: AttemptResult, of id: JobID, position: Int) async throws {
        let moment = Timestamp(microseconds: 0)
        try await record(
            ending, of: id, position: position, during: AttemptSpan(from: moment, to: moment))
    }

    /// Keeps a piece of a plan at no moment in particular.
    package func keep(_ piece: PlanBatch, of id: JobID) async throws -> Bool {
        try await keep(piece, of: id, at: Timestamp(microseconds: 0))
    }
}

extension JobClaiming {
    /// Claims within the limit of running jobs.
    package func claimJob(at now: Timestamp) async throws -> Job? {
        try await claimJob(for: .ordinary, at: now)
    }

    /// Keeps a whole plan at once.
    package func expand(
        _ id: JobID, into plan: [PlannedFile], notes: [String],
        at now: Timestamp = Timestamp(microseconds: 0)
    ) async throws {
        _ = try await keep(
            PlanBatch(plan, ofTotal: plan.count, notes: notes, isLast: true), of: id, at: now)
    }
}

extension JobStoring {
    /// Recovers after an end that was asked for.
    package func recover() async throws -> [Job] {
        try await recover(after: .clean, at: Timestamp(microseconds: 0)).jobs
    }
}

extension JobStoring {
    /// Begins to verify a job on nobody's behalf in particular.
    package func beginVerification(of id: JobID) async throws -> Job? {
        try await beginVerification(of: id, by: .service, at: Timestamp(microseconds: 0))
    }

    /// Begins to verify a job that takes nothing but what was recorded.
    package func beginVerification(
        of id: JobID, by principal: Principal, at now: Timestamp
    ) async throws -> Job? {
        try await beginVerification(of: id, by: principal, acceptsRevision: false, at: now)
    }
}
