// Fetches and proves dataset files from Tardis. It must not know jobs, nor when the next attempt
// is due.

package import Curl
package import Datasets
import Dispatch
package import Jobs
package import Logging
import Posix

/// Makes one attempt at one file: looks on disk, asks Tardis, publishes what is proven.
package final class DatasetDownloader: Downloading {
    private let settings: TardisSettings
    private let root: DataRoot
    private let client: CurlClient
    private let catalogue: any CatalogueReading
    private let logger: Logger
    private let queues: ProofQueues
    private let turns = FileTurns()
    private let kept = KeptTransfers()

    /// - Parameters:
    ///   - root: what every job's folder lies in or below; made when it is missing.
    ///   - catalogue: asked whether a file that Tardis does not have can exist at all.
    package init(
        settings: TardisSettings, root: DataRoot, client: CurlClient,
        catalogue: any CatalogueReading, logger: Logger
    ) {
        self.settings = settings
        self.root = root
        self.client = client
        self.catalogue = catalogue
        self.logger = logger
        queues = ProofQueues(count: settings.proofQueues)
    }

    /// As ``Downloading`` says. Two attempts at the same file in the same folder take turns, so
    /// that the second finds what the first published.
    package func download(
        _ file: DatasetFile, to folder: String, attempt: Int
    ) async -> DownloadOutcome {
        let path: OutputPath
        do {
            path = try OutputPath(folder, below: root)
        } catch {
            return .stopJob(
                FileFailure(code: "folder_refused", detail: "The output path is refused: \(error).")
            )
        }
        let queue = queues.next()
        let root = root.text
        let opened = await queue.run { Self.open(path, below: root) }
        do {
            let (folder, identity) = try opened.get()
            let target = TargetFile(folder: identity, name: file.name)
            let place = Place(
                file: file, folder: folder, path: path.text, target: target, queue: queue)
            let outcome = await turns.alone(with: target) { await have(place, attempt: attempt) }
            return outcome ?? .interrupted
        } catch {
            return DownloadOutcome(of: error, folder: path.text, name: file.name)
        }
    }

    /// Where one file goes, and who works on it.
    private struct Place {
        let file: DatasetFile
        let folder: ConfinedFolder
        /// The folder as its owner knows it.
        let path: String
        let target: TargetFile
        let queue: DispatchQueue
    }

    private static func open(
        _ path: OutputPath, below root: String
    ) -> Result<(ConfinedFolder, FileIdentity), SystemError> {
        Result { () throws(SystemError) in
            let base = try ConfinedFolder(root: root)
            let folder = try base.folder(path.components.joined(separator: "/"))
            return (folder, try folder.identity)
        }
    }

    // MARK: One file, alone with it

    private func have(_ place: Place, attempt: Int) async -> DownloadOutcome {
        switch await stored(place) {
        case .failure(let error):
            return DownloadOutcome(of: error, folder: place.path, name: place.file.name)
        case .success(.proven(let proof)): return .published(proof)
        case .success(.stopped): return .interrupted
        case .success(.refused(let failure)):
            logger.notice(
                "a file on disk is not what it should be and is fetched anew",
                metadata: ["file": "\(place.file.name)", "reason": "\(failure.code)"])
        case .success(.none): break
        }
        if Task.isCancelled { return .interrupted }
        guard settings.apiKey?.isEmpty == false || place.file.day.isFree else {
            return .failed(
                FileFailure(
                    code: "api_key_missing",
                    detail: "Only the first day of each month is free: set TARDIS_API_KEY to get "
                        + "\(place.file.day)."))
        }
        return await fetch(place, attempt: attempt)
    }

    private func stored(_ place: Place) async -> Result<StoredDataset, SystemError> {
        let stop = StopFlag()
        let (file, folder, settings) = (place.file, place.folder, settings)
        return await withTaskCancellationHandler {
            await place.queue.run {
                Result { () throws(SystemError) in
                    try StoredDataset.look(for: file, in: folder, settings: settings, stop: stop)
                }
            }
        } onCancel: {
            stop.raise()
        }
    }

    /// Fetches over connections in use only what proves to be the file; whatever went wrong or
    /// remains in doubt is asked for over new ones. What a wayward server sends behind an answer
    /// is taken for the next one, as long as the connection lives.
    private func fetch(_ place: Place, attempt: Int) async -> DownloadOutcome {
        var rest = kept.take(place.target)
        let outcome = await fetch(place, attempt: attempt, rest: &rest)
        if let rest {
            // Nobody comes back for a file that has ended, or that was put back.
            if case .retry = outcome { kept.keep(rest, of: place.target) } else { rest.abandon() }
        }
        return outcome
    }

    private func fetch(
        _ place: Place, attempt: Int, rest: inout KeptTransfer?
    ) async -> DownloadOutcome {
        if attempt == 1,
            let outcome = await fetch(
                place, attempt: attempt, usesNewConnections: false, rest: &rest)
        {
            return outcome
        }
        return await fetch(place, attempt: attempt, usesNewConnections: true, rest: &rest)
            ?? .retry(
                after: nil,
                FileFailure(code: "empty_in_doubt", detail: "Tardis sent a file without rows."))
    }

    /// Asks, and asks again where redirects lead, until there is an answer.
    ///
    /// - Returns: `nil` for a file without rows that came over a connection in use.
    private func fetch(
        _ place: Place, attempt: Int, usesNewConnections: Bool, rest: inout KeptTransfer?
    ) async -> DownloadOutcome? {
        let url = DatasetURL(place.file, base: settings.datasetsURL, attempt: attempt)
        let table = ReplyTable(
            file: place.file, attempt: attempt, retryBase: settings.retryBase,
            retryAfterMax: settings.retryAfterMax)
        guard var request = DatasetRequest(url: url.description) else {
            return .stopJob(
                FileFailure(code: "url_refused", detail: "TARDIS_DATASETS_URL makes no sense."))
        }
        var isSure = true
        while true {
            switch await transfer(
                request, to: place, usesNewConnection: usesNewConnections, isSure: &isSure,
                rest: &rest)
            {
            case .ended(let outcome): return outcome
            case .emptyInDoubt: return nil
            case .replied(let reply, let location):
                switch table.meaning(of: reply) {
                case .dataset: preconditionFailure("a 200 ends in a file")
                case .decided(let outcome): return outcome
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

    /// - Parameters:
    ///   - isSure: becomes `false` where the answer came over a connection in use.
    ///   - rest: what is there of the file; used where the request goes to whoever offered to go
    ///     on, and afterwards what the next attempt can go on from.
    private func transfer(
        _ request: DatasetRequest, to place: Place, usesNewConnection: Bool, isSure: inout Bool,
        rest: inout KeptTransfer?
    ) async -> Arrival {
        let present = rest?.origin == request.origin ? rest.take() : nil
        let exchange = FileExchange(
            place.file, in: place.folder, settings: settings, queue: place.queue, kept: present)
        do throws(CurlError) {
            let summary = try await client.perform(
                request.transfer(
                    settings: settings, usesNewConnection: usesNewConnection, kept: present),
                receiver: exchange.intake)
            if !summary.usedNewConnection { isSure = false }
            if exchange.intake.hasFile {
                exchange.abandonUnused()
                return await publish(exchange.writer, place, mayBeEmpty: isSure)
            }
            if present != nil, [206, 416].contains(summary.head.status) {
                exchange.abandonUnused()
                return .ended(.retry(after: nil, KeptTransfer.refused(summary.head.status)))
            }
            rest = present ?? rest
            return reply(to: request, exchange.intake, retryAfter: summary.retryAfter)
        } catch {
            if case .refusedByReceiver = error, !exchange.intake.hasFile {
                // So long an error page that the rest of it was not waited for.
                rest = present ?? rest
                return reply(to: request, exchange.intake, retryAfter: nil)
            }
            let problem = await exchange.writer.run { $0.problem }
            // The writer's own problem is the reason, whatever became of the transfer then.
            if let problem, error != .cancelled {
                exchange.abandonUnused()
                return arrival(of: problem, place)
            }
            rest = await exchange.remainder(after: error, from: request.origin) ?? rest
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
        switch await writer.run({ $0.publish(mayBeEmpty: mayBeEmpty) }) {
        case .success(let proof): return .ended(.published(proof))
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
