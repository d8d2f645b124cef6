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
    private let syncQueues: ProofQueues
    private let turns = FileTurns()
    private let folderSyncs = FolderSyncs()
    private let slots: TransferSlots

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
        syncQueues = ProofQueues(count: settings.syncQueues)
        slots = TransferSlots(count: settings.transfersMax)
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
        return await queues.lend { queue in
            await download(file, to: path, attempt: attempt, on: queue)
        }
    }

    private func download(
        _ file: DatasetFile, to path: OutputPath, attempt: Int, on queue: DispatchQueue
    ) async -> DownloadOutcome {
        let root = root.text
        let opened = await queue.run { Self.open(path, below: root) }
        do {
            let (folder, identity) = try opened.get()
            let place = Place(
                file: file, folder: folder, identity: identity, path: path.text, queue: queue)
            let target = TargetFile(folder: identity, name: file.name)
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
        let identity: FileIdentity
        /// The folder as its owner knows it.
        let path: String
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
                    return await catalogue.outcome(ofMissing: place.file, failure) ?? otherwise
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
        let proof: FileProof
        switch await writer.run({ $0.conclude(mayBeEmpty: mayBeEmpty) }) {
        case .success(let found): proof = found
        case .failure(let problem): return arrival(of: problem, place)
        }
        let failures = folderSyncs.failures
        let published = await syncQueues.lend { queue in
            await writer.finish(on: queue) { $0.publish() }
        }
        if case .failure(let problem) = published { return arrival(of: problem, place) }
        do throws(SystemError) {
            try await folderSyncs.sync(place.folder, place.identity, since: failures)
            return .ended(.published(proof))
        } catch {
            return arrival(of: .disk(error), place)
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
}
