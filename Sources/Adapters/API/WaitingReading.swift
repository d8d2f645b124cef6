// Why a job waits, in words. It must not decide anything.

import APITypes
import Datasets
import Jobs

/// Finds out what a job waits for.
struct WaitingReading: Sendable {
    let store: any JobStoring
    let conductor: any JobConducting

    /// Why the job waits at this moment; `nil` where it has ended or gets on freely.
    func waiting(of job: Job) async throws -> WaitingAnswer? {
        if job.state.isFinal { return nil }
        if job.control.isPaused {
            let pause = try await store.lastEvent(of: job.id, .paused)
            let name = pause.map { " by \($0.principal.name)" } ?? ""
            return WaitingAnswer(code: "paused", reason: "paused\(name)")
        }
        let hindrance = await conductor.hindrance(of: job.id)
        if let hindrance, job.state == .running || hindrance == .diskIsLow {
            return WaitingReading.answer(hindrance)
        }
        guard job.state == .pending else { return nil }
        let count = try await store.jobsAhead(of: job)
        return count > 0
            ? WaitingAnswer(code: "behind", reason: "behind \(Wording.counted(count, "job"))")
            : WaitingAnswer(code: "next", reason: "next, as soon as a running job ends")
    }

    private static func answer(_ hindrance: Hindrance) -> WaitingAnswer {
        switch hindrance {
        case .upstreamRests(let until, let reason):
            let words = reason.map { ": \($0)" } ?? ""
            return WaitingAnswer(
                code: "parked", reason: "parked until \(clockText(until))\(words)",
                until: until.iso8601)
        case .diskIsLow:
            return WaitingAnswer(
                code: "disk_low", reason: "the disk is low: downloads pause until there is room")
        case .awaitsCatalogue:
            return WaitingAnswer(code: "catalogue", reason: "waits for the catalogue")
        case .backsOff(let until):
            return WaitingAnswer(
                code: "retry",
                reason: "its files failed for now and are tried again at "
                    + clockText(until), until: until.iso8601)
        case .awaitsTurn:
            return WaitingAnswer(code: "turn", reason: "waits for its turn among running jobs")
        }
    }

    /// `2025-11-13 14:05 UTC`.
    private static func clockText(_ moment: Timestamp) -> String {
        let text = moment.iso8601
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) UTC"
    }
}
