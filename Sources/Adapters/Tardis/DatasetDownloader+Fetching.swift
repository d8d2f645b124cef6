// Asks Tardis for one file, follows where it leads, and publishes what is proven. It must not know
// what stands on the disk already.

import Curl
import Datasets
import Jobs
import Posix

extension DatasetDownloader {
    /// Fetches over connections in use only what proves to be the file; whatever went wrong or
    /// remains in doubt is asked for over new ones. What a wayward server sends behind an answer
    /// is taken for the next one, as long as the connection lives.
    func fetch(_ place: Place, attempt: Int) async -> DownloadOutcome {
        if attempt == 1,
            let outcome = await fetch(place, attempt: attempt, usesNewConnections: false)
        {
            return outcome
        }
        return await fetch(place, attempt: attempt, usesNewConnections: true)
            ?? .retry(
                after: nil,
                FileFailure(code: "empty_in_doubt", detail: "Tardis sent a file without rows."))
    }

    /// Asks, and asks again where redirects lead, until there is an answer.
    ///
    /// - Returns: `nil` for a file without rows that came over a connection in use.
    private func fetch(
        _ place: Place, attempt: Int, usesNewConnections: Bool
    ) async -> DownloadOutcome? {
        let url = DatasetURL(place.file, base: settings.datasetsURL, attempt: attempt)
        let table = ReplyTable(
            file: place.file, attempt: attempt, retryBase: settings.retryBase,
            retryAfterMax: settings.retryAfterMax)
        guard var request = DatasetRequest(url: url.description) else {
            return .stopJob(
                FileFailure(code: "url_refused", detail: "TARDIS_DATASETS_URL makes no sense."))
        }
        let slot: TransferSlot
        switch await slots.enter() {
        case .entered(let entered): slot = entered
        case .cancelled: return .interrupted
        case .turnedAway(let outcome): return outcome
        }
        // Held from hop to hop: where a redirect leads may be closed soon.
        defer { slot.leave() }
        var isSure = true
        while true {
            switch await transfer(
                request, to: place, in: slot, usesNewConnection: usesNewConnections,
                isSure: &isSure)
            {
            case .ended(let outcome): return outcome
            case .emptyInDoubt: return nil
            case .replied(let reply, let location):
                switch table.meaning(of: reply) {
                case .dataset: preconditionFailure("a 200 ends in a file")
                case .decided(let outcome):
                    if case .parkUpstream = outcome { slots.turnAway(with: outcome) }
                    return outcome
                case .missing(let failure, let otherwise):
                    return await confirmed(place.file, failure) ?? otherwise
                case .redirect:
                    do {
                        request = try request.redirected(
                            to: location, status: reply.status,
                            redirectsMax: settings.redirectsMax)
                    } catch {
                        return .failed(error)
                    }
                }
            }
        }
    }

    /// How one request ended.
    private enum Arrival {
        case ended(DownloadOutcome)
        case emptyInDoubt
        case replied(Reply, location: String?)
    }

    /// - Parameter isSure: becomes `false` where the answer came over a connection in use.
    private func transfer(
        _ request: DatasetRequest, to place: Place, in slot: TransferSlot,
        usesNewConnection: Bool, isSure: inout Bool
    ) async -> Arrival {
        let (file, folder, settings) = (place.file, place.folder, settings)
        let writer = QueueConfined(place.queue) {
            DatasetWriter(file, in: folder, settings: settings)
        }
        let intake = BodyIntake(waitingBytesMax: settings.inboxBytesMax, queue: place.queue) {
            bytes in writer.use { $0.take(bytes) }
        }
        do throws(CurlError) {
            let summary = try await client.perform(
                request.transfer(settings: settings, usesNewConnection: usesNewConnection),
                receiver: intake)
            if !summary.usedNewConnection { isSure = false }
            if summary.head.status == 200 {
                slot.leave()
                return await publish(writer, place, mayBeEmpty: isSure)
            }
            return reply(to: request, intake, retryAfter: summary.retryAfter)
        } catch {
            if case .refusedByReceiver = error, intake.answer.head?.status != 200 {
                // So long an error page that the rest of it was not waited for.
                return reply(to: request, intake, retryAfter: nil)
            }
            let problem = await writer.run { writer in
                writer.abandon()
                return writer.problem
            }
            // The writer's own problem is the reason, whatever became of the transfer then.
            if let problem, error != .cancelled { return arrival(of: problem, place) }
            return .ended(DownloadOutcome(of: error))
        }
    }

    private func publish(
        _ writer: QueueConfined<DatasetWriter>, _ place: Place, mayBeEmpty: Bool
    ) async -> Arrival {
        if Task.isCancelled {
            await writer.run { $0.abandon() }
            return .ended(.interrupted)
        }
        let failures = folderSyncs.failures
        switch await writer.run({ $0.publish(mayBeEmpty: mayBeEmpty) }) {
        case .success(let proof):
            do throws(SystemError) {
                try await folderSyncs.sync(place.folder, place.identity, since: failures)
                return .ended(.published(proof))
            } catch {
                return arrival(of: .disk(error), place)
            }
        case .failure(let problem): return arrival(of: problem, place)
        }
    }

    private func reply(
        to request: DatasetRequest, _ intake: BodyIntake, retryAfter: Duration?
    ) -> Arrival {
        let (head, words) = intake.answer
        let reply = Reply(
            status: head?.status ?? 0, retryAfter: retryAfter, body: words,
            isFromUpstream: request.isFromUpstream, apiKey: settings.apiKey)
        return .replied(reply, location: head?.redirectURL)
    }

    private func arrival(of problem: WriteProblem, _ place: Place) -> Arrival {
        switch problem {
        case .disk(let error):
            .ended(DownloadOutcome(of: error, folder: place.path, name: place.file.name))
        case .content(let failure):
            // The transfer may be at fault, except for a bomb: it would only come again.
            .ended(failure.code == "too_large" ? .failed(failure) : .retry(after: nil, failure))
        case .emptyInDoubt:
            .emptyInDoubt
        }
    }

    /// What the catalogue says about a file that Tardis does not have; `nil` where it says nothing.
    private func confirmed(_ file: DatasetFile, _ failure: FileFailure) async -> DownloadOutcome? {
        let knowledge = await catalogue.knowledge(of: file.exchange)
        guard let known = knowledge.catalogue else { return nil }
        let entry = known.symbols.first { $0.id == file.symbol }
        let verdict = Absence(exchange: file.exchange, exportedUntil: known.exportedUntil)
            .verdict(on: file, entry: entry)
        guard var reason = verdict.failure else { return nil }
        reason.httpStatus = failure.httpStatus
        return verdict.state == .unavailable ? .unavailable(reason) : .failed(reason)
    }
}
