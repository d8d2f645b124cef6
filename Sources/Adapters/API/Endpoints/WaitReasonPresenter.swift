// Jobs as the API shows them, with the reason why each waits.

import APITypes
import Datasets
import Jobs

/// Presents jobs with the reasons why they wait.
struct WaitReasonPresenter: Sendable {
    let store: any JobStore
    let runner: any JobRunnerControl
    let time: any Timekeeping

    init(_ dependencies: APIDependencies) {
        store = dependencies.store
        runner = dependencies.runner
        time = dependencies.time
    }

    /// One job, as a response shows it alone.
    func present(_ job: Job) async throws -> JobResponse {
        JobResponse(
            job,
            resumption: try await UpstreamPause.resumption(of: job, at: time.now, in: store),
            waiting: try await waiting(of: job, countingJobs: false))
    }

    /// The jobs of a page. The store is not asked about each, so reasons name neither the user who
    /// paused a job nor the number of jobs ahead.
    func present(_ jobs: [Job]) async throws -> [JobResponse] {
        let open = jobs.filter { !$0.state.isFinal }
        if open.isEmpty { return jobs.map { JobResponse($0) } }
        let waitReasons = await runner.waitReasons(of: open.map(\.id))
        let resumption = try await UpstreamPause.resumption(at: time.now, in: store)
        return jobs.map { job in
            let waiting =
                job.control.isPaused
                ? WaitReasonResponse(code: "paused", reason: "paused")
                : WaitReasonPresenter.held(job, by: waitReasons[job.id])
                    ?? (job.state == .pending ? WaitReasonPresenter.behind : nil)
            return JobResponse(
                job, resumption: job.state == .running ? resumption : nil, waiting: waiting)
        }
    }

    /// For a pending job. The number of jobs ahead, even whether there is one, would change its
    /// entity tag whenever any other job starts.
    private static let behind = WaitReasonResponse(
        code: "behind", reason: "waits to be started")

    /// Why the job waits now; `nil` where it has ended or does not wait.
    ///
    /// - Parameter countingJobs: whether the reason has the number of jobs ahead.
    func waiting(of job: Job, countingJobs: Bool) async throws -> WaitReasonResponse? {
        if job.state.isFinal { return nil }
        if job.control.isPaused {
            let pause = try await store.lastEvent(of: job.id, .paused)
            let name = pause.map { " by \($0.principal.name)" } ?? ""
            return WaitReasonResponse(code: "paused", reason: "paused\(name)")
        }
        let waitReason = await runner.waitReason(of: job.id)
        if let held = WaitReasonPresenter.held(job, by: waitReason) { return held }
        guard job.state == .pending else { return nil }
        guard countingJobs else { return WaitReasonPresenter.behind }
        let count = try await store.jobsAhead(of: job.id, at: time.now)
        return count > 0
            ? WaitReasonResponse(
                code: "behind", reason: "behind \(TextFormat.counted(count, "job"))")
            : WaitReasonResponse(code: "next", reason: "next to be started")
    }

    /// The reason that is not another job; for a job that is not running, only one that holds up
    /// all jobs.
    private static func held(_ job: Job, by waitReason: WaitReason?) -> WaitReasonResponse? {
        guard let waitReason else { return nil }
        if case .storage = waitReason { return present(waitReason) }
        return job.state == .running ? present(waitReason) : nil
    }

    private static func present(_ waitReason: WaitReason) -> WaitReasonResponse {
        switch waitReason {
        case .upstreamPaused(let until, let reason):
            WaitReasonResponse(
                code: "parked", reason: "parked until \(clockText(until))\(words(reason))",
                until: until.iso8601)
        case .storage(let problem):
            WaitReasonResponse(code: problem.code, reason: problem.summary)
        case .awaitsCatalogue(let reason):
            WaitReasonResponse(code: "catalogue", reason: "waits for the catalogue\(words(reason))")
        case .backsOff(let until, let reason):
            WaitReasonResponse(
                code: "retry",
                reason: "its files failed for now and are tried again at "
                    + clockText(until) + words(reason), until: until.iso8601)
        case .awaitsTurn:
            WaitReasonResponse(code: "turn", reason: "waits for its turn among running jobs")
        }
    }

    private static func words(_ reason: String?) -> String { reason.map { ": \($0)" } ?? "" }

    /// `2025-11-13 14:05 UTC`.
    private static func clockText(_ moment: Timestamp) -> String {
        let text = moment.iso8601
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) UTC"
    }
}
