// Expands a job into its files when it starts to run, and retries for a while if the catalogue
// cannot be read.

import Concurrency
import Datasets
import Jobs
import Logging

/// Validates a job's request again and plans its files.
struct Planner: Sendable {
    enum Outcome: Equatable {
        case planned
        /// The job cannot be planned; the message is for its owner.
        case refused(String)
        /// The service or the job was stopped; if the job runs again, it is planned then.
        case interrupted
    }

    /// Job messages are shown in lists and chats.
    private static let messageCharactersMax = 1_000
    /// How long a job waits for a catalogue that cannot be read: a machine that boots before its
    /// network reaches it within a minute, and without the catalogue a symbol in another spelling
    /// fails the whole job. With the usual back-off of 2, 4, 8, 16 and 32 seconds there are six
    /// reads.
    private static let catalogueWaitMax = Duration.seconds(60)

    let store: RetryingStore<any QueueStore>
    let catalogue: any CatalogueProviding
    /// How the waits for the catalogue grow. They have no jitter: jobs that wait together share one
    /// request.
    let retry: RetryPolicy
    let filesMax: Int

    /// Plans a running job, and saves the plan in batches.
    ///
    /// After a crash the job is planned again. Tardis may have other files by then: saved files
    /// stay, and files of the new plan that are not saved follow them.
    ///
    /// - Parameters:
    ///   - stop: fired when the job is to run no more.
    ///   - catalogueFailed: called with the reason before each wait for the catalogue.
    ///   - planGrew: called after each batch but the last; its files can be fetched.
    func plan(
        _ job: Job, until stop: ShutdownSignal = ShutdownSignal(),
        catalogueFailed: @Sendable (_ reason: String) async -> Void = { _ in },
        planGrew: @Sendable () async -> Void = {}
    ) async -> Outcome {
        let signals = [store.stopping, stop]
        guard let job = await addingSymbols(to: job) else { return .interrupted }
        let lookup = await lookup(for: job, until: signals, catalogueFailed)
        if signals.contains(where: \.isFired) { return .interrupted }
        if case .unreachable(let reason) = lookup {
            store.logger.notice(
                "planned without the catalogue",
                metadata: ["job": "\(job.id)", "reason": "\(reason)"])
        }
        switch validate(job, against: lookup) {
        case .invalid(let issues):
            let reasons = issues.map(\.message).joined(separator: " ")
            return .refused(
                TextFormat.shortened(
                    "The request cannot be carried out. \(reasons)",
                    to: Planner.messageCharactersMax))
        case .valid(let request):
            let plan = Plan(of: request, catalogue: lookup.catalogue)
            let notes =
                job.notes
                + (request.notes + plan.absences).filter { !job.notes.contains($0) }
            return await save(plan.files, notes: notes, of: job, until: stop, planGrew)
        }
    }

    /// The job with all its symbols; `nil` where the store fails until the service stops.
    private func addingSymbols(to job: Job) async -> Job? {
        guard job.symbols.count < job.symbolsTotal else { return job }
        let symbols = await store.retrying("read a job's symbols") { store in
            try await store.symbols(of: job.id)
        }
        guard let symbols else { return nil }
        var job = job
        job.symbols = symbols
        return job
    }

    private func save(
        _ files: [PlannedFile], notes: [String], of job: Job, until stop: ShutdownSignal,
        _ planGrew: @Sendable () async -> Void
    ) async -> Outcome {
        let saved = await store.retrying("look for a job's files") { store in
            try await store.plannedFiles(of: job.id)
        }
        guard let saved else { return .interrupted }
        let missing = saved.isEmpty ? files : files.filter { !saved.contains($0.file) }
        for batch in PlanBatch.batches(of: missing, behind: saved.count, notes: notes) {
            if stop.isFired { return .interrupted }
            let now = store.clock.now
            let isSaved = await store.retrying("save a job's plan") { store in
                try await store.save(batch, of: job.id, at: now)
            }
            guard isSaved == true else { return .interrupted }
            if !batch.isLast { await planGrew() }
        }
        return .planned
    }

    /// What Tardis has of the job's exchange. Unreachable only after the last wait, when stopped,
    /// or where no catalogue makes the request valid.
    private func lookup(
        for job: Job, until signals: [ShutdownSignal],
        _ catalogueFailed: @Sendable (String) async -> Void
    ) async -> CatalogueLookup {
        // Waits are counted instead of time: the clock of a machine that has just reached its
        // network may jump.
        var waits = retry.waits(until: Planner.catalogueWaitMax)[...]
        var level = Logger.Level.notice
        while true {
            let catalogue = catalogue
            let lookup = await ShutdownSignal.run(cancelledBy: signals) {
                await catalogue.lookup(of: job.exchange)
            }
            guard case .unreachable(let reason) = lookup,
                case .valid = validate(job, against: lookup),
                !signals.contains(where: \.isFired), let wait = waits.popFirst()
            else { return lookup }
            store.logger.log(
                level: level, "a job waits for the catalogue",
                metadata: ["job": "\(job.id)", "reason": "\(reason)"])
            level = .debug
            await catalogueFailed(reason)
            await ShutdownSignal.pause(for: wait, until: signals, sleep: store.clock.sleep)
            if signals.contains(where: \.isFired) { return lookup }
        }
    }

    private func validate(
        _ job: Job, against lookup: CatalogueLookup
    ) -> RequestValidator.Outcome {
        RequestValidator(today: store.clock.now.day, filesMax: filesMax)
            .validate(RawRequest(job), against: lookup)
    }
}

extension RawRequest {
    /// A stored job's request: validated text, or text that the predecessor accepted.
    fileprivate init(_ job: Job) {
        self.init(
            exchange: job.exchange, symbols: job.symbols, dataTypes: job.dataTypes,
            startDate: job.startDate, endDate: job.endDate, outputPath: job.outputPath,
            createdBy: job.createdBy)
    }
}
