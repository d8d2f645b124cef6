// Expands a job into its files when it starts to run. It must not know where the catalogue comes
// from.

import Datasets
import Jobs
import Logging

/// Understands a job's request once more and plans its files.
struct Planner: Sendable {
    enum Outcome: Equatable {
        case planned
        /// The job cannot be planned; the message is for its owner.
        case refused(String)
        /// The service is stopping; the job is planned after the next start.
        case interrupted
    }

    /// Job messages are shown in lists and chats.
    private static let messageCharactersMax = 1_000

    let store: PatientStore
    let catalogue: any CatalogueReading
    let filesMax: Int

    /// Plans a running job. After a crash it may do so again: the store keeps the first plan.
    func plan(_ job: Job) async -> Outcome {
        let catalogue = catalogue
        let knowledge = await store.stopping.interrupting {
            await catalogue.knowledge(of: job.exchange)
        }
        if store.stopping.isGiven { return .interrupted }
        if case .unreachable(let reason) = knowledge {
            store.logger.notice(
                "planned without the catalogue",
                metadata: ["job": "\(job.id)", "reason": "\(reason)"])
        }
        let reading = RequestReading(today: store.clock.now.day, filesMax: filesMax)
        switch reading.read(WrittenRequest(job), against: knowledge) {
        case .refused(let problems):
            let reasons = problems.map(\.message).joined(separator: " ")
            return .refused(
                Wording.shortened(
                    "The request cannot be carried out. \(reasons)",
                    to: Planner.messageCharactersMax))
        case .understood(let request):
            let plan = Plan(of: request, catalogue: knowledge.catalogue)
            let notes =
                job.notes
                + (request.notes + plan.absences).filter { !job.notes.contains($0) }
            let isKept: Void? = await store.insist(on: "keep the plan of a job") { store in
                try await store.expand(job.id, into: plan.files, notes: notes)
            }
            return isKept == nil ? .interrupted : .planned
        }
    }
}

extension WrittenRequest {
    /// What a job's row says: checked text, or whatever the predecessor let through.
    fileprivate init(_ job: Job) {
        self.init(
            exchange: job.exchange, symbols: job.symbols, dataTypes: job.dataTypes,
            startDate: job.startDate, endDate: job.endDate)
    }
}
