// Expands a job into its files when it starts to run, and waits a while for a catalogue that is
// away. It must not know where the catalogue comes from.

import Concurrency
import Datasets
import Jobs
import Logging

/// Understands a job's request once more and plans its files.
struct Planner: Sendable {
    enum Outcome: Equatable {
        case planned
        /// The job cannot be planned; the message is for its owner.
        case refused(String)
        /// The service is stopping, or the job is not to run; if it ever runs again, it is planned
        /// then.
        case interrupted
    }

    /// Job messages are shown in lists and chats.
    private static let messageCharactersMax = 1_000
    /// How long a job waits for a catalogue that is away: a machine that boots before its network
    /// has it within a minute, and without the catalogue a symbol in another spelling costs the
    /// whole job. With the usual back-off of 2, 4, 8, 16 and 32 seconds that makes six tries.
    private static let patience = Duration.seconds(60)

    let store: RetryingStore<any QueueStore>
    let catalogue: any CatalogueProviding
    /// How the waits for the catalogue grow. They have no jitter: jobs that ask together share one
    /// request.
    let retry: RetryPolicy
    let filesMax: Int

    /// Plans a running job, and keeps the plan piece by piece.
    ///
    /// After a crash it does so again. Then Tardis may have other files than before: those that are
    /// kept already stay, and what they lack of the new plan comes behind them.
    ///
    /// - Parameters:
    ///   - stop: given when the job is not to run any more.
    ///   - waits: called with the reason whenever the catalogue could not be read and is waited
    ///     for.
    ///   - keptSome: called after each piece but the last; its files can be fetched.
    func plan(
        _ job: Job, until stop: ShutdownSignal = ShutdownSignal(),
        waits: @Sendable (_ reason: String) async -> Void = { _ in },
        keptSome: @Sendable () async -> Void = {}
    ) async -> Outcome {
        let signals = [store.stopping, stop]
        guard let job = await whole(job) else { return .interrupted }
        let knowledge = await knowledge(for: job, until: signals, waits)
        if signals.contains(where: \.isFired) { return .interrupted }
        if case .unreachable(let reason) = knowledge {
            store.logger.notice(
                "planned without the catalogue",
                metadata: ["job": "\(job.id)", "reason": "\(reason)"])
        }
        switch read(job, against: knowledge) {
        case .refused(let problems):
            let reasons = problems.map(\.message).joined(separator: " ")
            return .refused(
                TextFormat.shortened(
                    "The request cannot be carried out. \(reasons)",
                    to: Planner.messageCharactersMax))
        case .understood(let request):
            let plan = Plan(of: request, catalogue: knowledge.catalogue)
            let notes =
                job.notes
                + (request.notes + plan.absences).filter { !job.notes.contains($0) }
            return await keep(plan.files, notes: notes, of: job, until: stop, keptSome)
        }
    }

    /// The job with all its symbols; `nil` where the store does not give them before the signal to
    /// stop.
    private func whole(_ job: Job) async -> Job? {
        guard job.symbols.count < job.symbolsTotal else { return job }
        let symbols = await store.retrying("read a job's symbols") { store in
            try await store.symbols(of: job.id)
        }
        guard let symbols else { return nil }
        var job = job
        job.symbols = symbols
        return job
    }

    private func keep(
        _ files: [PlannedFile], notes: [String], of job: Job, until stop: ShutdownSignal,
        _ keptSome: @Sendable () async -> Void
    ) async -> Outcome {
        let kept = await store.retrying("look for a job's files") { store in
            try await store.plannedFiles(of: job.id)
        }
        guard let kept else { return .interrupted }
        let rest = kept.isEmpty ? files : files.filter { !kept.contains($0.file) }
        for piece in PlanBatch.pieces(of: rest, behind: kept.count, notes: notes) {
            if stop.isFired { return .interrupted }
            let now = store.clock.now
            let isKept = await store.retrying("keep a job's plan") { store in
                try await store.save(piece, of: job.id, at: now)
            }
            guard isKept == true else { return .interrupted }
            if !piece.isLast { await keptSome() }
        }
        return .planned
    }

    /// What Tardis has of the job's exchange; unreachable only where it was so until patience
    /// ended, where the service is stopping, or where the request is wrong whatever Tardis has.
    private func knowledge(
        for job: Job, until signals: [ShutdownSignal], _ isWaiting: @Sendable (String) async -> Void
    ) async -> CatalogueLookup {
        // The waits are counted, not the time: the clock of a machine that has just got its network
        // may jump.
        var waits = retry.waits(until: Planner.patience)[...]
        var level = Logger.Level.notice
        while true {
            let catalogue = catalogue
            let knowledge = await ShutdownSignal.run(cancelledBy: signals) {
                await catalogue.lookup(of: job.exchange)
            }
            guard case .unreachable(let reason) = knowledge,
                case .understood = read(job, against: knowledge),
                !signals.contains(where: \.isFired), let wait = waits.popFirst()
            else { return knowledge }
            store.logger.log(
                level: level, "a job waits for the catalogue",
                metadata: ["job": "\(job.id)", "reason": "\(reason)"])
            level = .debug
            await isWaiting(reason)
            await ShutdownSignal.pause(for: wait, until: signals, sleep: store.clock.sleep)
            if signals.contains(where: \.isFired) { return knowledge }
        }
    }

    private func read(
        _ job: Job, against knowledge: CatalogueLookup
    ) -> RequestValidator.Outcome {
        let reading = RequestValidator(today: store.clock.now.day, filesMax: filesMax)
        return reading.read(RawRequest(job), against: knowledge)
    }
}

extension RawRequest {
    /// What a job's row says: checked text, or whatever the predecessor let through.
    fileprivate init(_ job: Job) {
        self.init(
            exchange: job.exchange, symbols: job.symbols, dataTypes: job.dataTypes,
            startDate: job.startDate, endDate: job.endDate, outputPath: job.outputPath,
            createdBy: job.createdBy)
    }
}
