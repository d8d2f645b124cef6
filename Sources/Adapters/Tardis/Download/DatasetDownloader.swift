// Fetches and proves dataset files from Tardis. It must not know jobs, nor when the next attempt
// is due.

import Concurrency
package import Curl
package import Datasets
import Dispatch
package import Jobs
package import Logging
import Posix

/// Makes one attempt at one file: looks on disk, asks Tardis, publishes what is proven.
package final class DatasetDownloader: Downloading {
    let settings: TardisSettings
    private let root: DataRoot
    let client: CurlClient
    let catalogue: any CatalogueProviding
    private let logger: Logger
    private let queues: WorkQueues
    let syncQueues: WorkQueues
    private let turns = FileLock()
    private let facts: (any KeyValueStore)?
    let recent = RecentPublications()
    let missed = NotFoundCache()
    let refused = RefusedBodies()
    private let quarantined = QuarantinedFiles()
    let doubts = ConnectionTrust()
    let lookalikes = AmbiguousDatasets()
    let time: any Timekeeping
    let folderSyncs = DirectorySyncCoalescer()
    let limiter: TransferLimiter
    let kept: ResumableTransfers
    let room: WritingRoom

    /// - Parameters:
    ///   - root: what every job's folder lies in or below; made when it is missing.
    ///   - catalogue: asked whether a file that Tardis does not have can exist at all.
    ///   - limits: how many files are asked for at once, as of the moment. Rates are kept by the
    ///     client, which has to be told of them by its own settings.
    ///   - facts: where the folders are remembered that this makes; `nil` to forget them.
    ///   - time: what is kept for a further attempt, and what is doubted, is so by it.
    package init(
        settings: TardisSettings, root: DataRoot, client: CurlClient,
        catalogue: any CatalogueProviding, limits: RuntimeLimits, facts: (any KeyValueStore)? = nil,
        time: any Timekeeping, logger: Logger
    ) {
        self.settings = settings
        self.root = root
        self.client = client
        self.catalogue = catalogue
        self.facts = facts
        self.logger = logger
        queues = WorkQueues(count: settings.proofQueues)
        syncQueues = WorkQueues(count: settings.syncQueues)
        limiter = TransferLimiter(limits: limits, logger: logger)
        kept = ResumableTransfers(time: time)
        room = WritingRoom(reserveBytes: settings.diskReserveBytes)
        self.time = time
    }

    /// As ``Downloading`` says. Another job that wants the same files in the same folder at that
    /// time loses no more than the beginning of a transfer.
    package func forget(filesOf job: Job) {
        guard let folder = try? OutputPath(job.outputPath, below: root).text else { return }
        kept.letGo { place in
            place.path == folder && place.file.exchange == job.exchange
                && job.dataTypes.contains(place.file.dataType.name)
                && (job.startDate...max(job.startDate, job.endDate))
                    .contains("\(place.file.day)")
        }
    }

    /// Removes files in the same turns in which this fetches them.
    package var remover: DatasetRemover {
        DatasetRemover(root: root, turns: turns, facts: facts)
    }

    /// As ``Downloading`` says. Two attempts at the same file take turns, in whatever folders, so
    /// that the second finds what the first published.
    package func download(
        _ file: DatasetFile, to folder: String, attempt: Int, context: DownloadContext,
        admitted: @escaping @Sendable () -> Void
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
            await download(
                file, to: path, attempt: attempt, context: context, on: queue, admitted: admitted)
        }
    }

    private func download(
        _ file: DatasetFile, to path: OutputPath, attempt: Int, context: DownloadContext,
        on queue: DispatchQueue, admitted: @escaping @Sendable () -> Void
    ) async -> DownloadOutcome {
        let outcome = await turns.alone(with: file) {
            switch await look(for: file, at: path, context, on: queue, admitted: admitted) {
            case .success((let place, let stored)):
                await MadeFolders(root: root, facts: facts).remember(place.madeFolders)
                return await verify(place, stored, attempt: attempt, context: context)
            case .failure(let error):
                return DownloadOutcome(of: error, folder: path.text, name: file.name)
            }
        }
        if case .published(let proof) = outcome {
            recent.remember(file, PublishedCopy(folder: path.text, sha256: proof.sha256))
        }
        return (outcome ?? .interrupted).without(apiKey: settings.apiKey)
    }

    /// Where one file goes, and who works on it.
    struct Place: Sendable {
        let file: DatasetFile
        let folder: ConfinedFolder
        /// The folder as its owner knows it.
        let path: String
        let target: TargetFile
        let queue: DispatchQueue
        /// What the bytes must be, where others are not to be taken.
        let requiredSHA256: String?
        /// See ``DownloadContext/isExpedited``.
        let isExpedited: Bool
        /// What had to be made of its folder.
        let madeFolders: [MadeFolders.Folder]
        /// Whether the folder is on another disk than the data root.
        let hasDiskOfItsOwn: Bool
        /// Why nothing can be written there, where that is so.
        let obstacle: WriteProblem?
        /// See ``DownloadContext/formerFailure``.
        let formerFailure: FileFailure?
        /// See ``Downloading``.
        let admitted: @Sendable () -> Void
    }

    // MARK: One file, alone with it

    /// Says how a file was found that is to be what it was before.
    private func verify(
        _ place: Place, _ stored: ExistingFile, attempt: Int, context: DownloadContext
    ) async -> DownloadOutcome {
        guard context.expectedSHA256 != nil else {
            return await have(place, stored, attempt: attempt, context: context)
        }
        let finding = quarantined.finding(stored, of: place.target)
        let outcome = await have(place, stored, attempt: attempt, context: context)
        switch outcome {
        case .published, .unavailable, .failed, .stopJob: quarantined.forget(place.target)
        case .retry, .pauseUpstream, .awaitSpace, .interrupted: break
        }
        return outcome.noting(finding)
    }

    private func have(
        _ place: Place, _ stored: ExistingFile, attempt: Int, context: DownloadContext
    ) async -> DownloadOutcome {
        switch stored {
        case .proven(let proof) where proof.rows > 0 || place.file.isNamedBySymbol:
            return .published(proof)
        // Without rows nothing tells whether it is another symbol's.
        case .proven: break
        case .stopped: return .interrupted
        case .refused(let failure) where failure.code == CSVValidator.namesakeCode:
            return .failed(
                FileFailure(
                    code: "name_taken",
                    detail: "\(place.file.name) is there already, of another symbol than "
                        + "\(place.file.symbol), whose files have the same names. Submit a job "
                        + "with another output_path."))
        case .refused(let failure):
            logger.notice(
                "a file on disk is not what it should be and is fetched anew",
                metadata: ["file": "\(place.file.name)", "reason": "\(failure.code)"])
        case .none: break
        }
        if let outcome = await linked(place, context) { return outcome }
        if Task.isCancelled { return .interrupted }
        if let refusal = context.refusal { return .failed(refusal) }
        guard settings.apiKey?.isEmpty == false || place.file.day.isFree else {
            return .failed(
                FileFailure(
                    code: "api_key_missing",
                    detail: "Only the first day of each month is free: set TARDIS_API_KEY to get "
                        + "\(place.file.day)."))
        }
        // Asking would cost a request each time.
        switch place.obstacle {
        case .noRoom(let lack, let error): return outcome(of: lack, error, place)
        case .disk(let error):
            return DownloadOutcome(of: error, folder: place.path, name: place.file.name)
        default: return await fetch(place, attempt: attempt)
        }
    }

    /// Opens the folder of a file, and looks what has the file's name there.
    private func look(
        for file: DatasetFile, at path: OutputPath, _ context: DownloadContext,
        on queue: DispatchQueue,
        admitted: @escaping @Sendable () -> Void
    ) async -> Result<(Place, ExistingFile), SystemError> {
        let (root, settings, room) = (root.text, settings, room)
        return await run(on: queue) { stop in
            Result { () throws(SystemError) in
                var made: [MadeFolders.Folder?] = []
                let root = try ConfinedFolder(root: root)
                let folder = try root.folder(path.components.joined(separator: "/")) {
                    made.append(MadeFolders.Folder($0, $1))
                }
                let target = TargetFile(folder: try folder.identity, name: file.name)
                let found = try ExistingFile.look(
                    for: file, in: folder, settings: settings, stop: stop)
                let place = Place(
                    file: file, folder: folder, path: path.text, target: target, queue: queue,
                    requiredSHA256: context.acceptsRevision ? nil : context.expectedSHA256,
                    isExpedited: context.isExpedited, madeFolders: made.compactMap { $0 },
                    hasDiskOfItsOwn: target.folder.device != (try root.identity.device),
                    obstacle: room.obstacle(in: folder),
                    formerFailure: context.formerFailure, admitted: admitted)
                guard let expected = context.expectedSHA256 else { return (place, found) }
                return (place, try found.held(against: expected, file, in: folder))
            }
        }
    }

    /// The file, linked or copied from where another job has put it; `nil` where none of the copies
    /// proves to be what it was.
    private func linked(_ place: Place, _ context: DownloadContext) async -> DownloadOutcome? {
        var copies = context.copies
        if let copy = recent.copy(of: place.file) { copies.insert(copy, at: 0) }
        // Of a file that is verified only what it was.
        if let expected = context.expectedSHA256 { copies.removeAll { $0.sha256 != expected } }
        let (file, folder, settings, root) = (place.file, place.folder, settings, root)
        let room = room
        for copy in copies where copy.folder != place.path {
            let brought = await run(on: place.queue) { stop in
                LinkedCopy(file, copy, below: root, settings: settings, room: room)
                    .bring(to: folder, stop: stop)
            }
            switch brought {
            case .success(let proof)?: return .published(proof)
            case .failure(.noRoom(let lack, let error))?:
                // Fetching it would need the same room.
                return outcome(of: lack, error, place)
            case .failure?, nil: continue
            }
        }
        return nil
    }

    /// Runs something that blocks on a queue; cancelling the task stops it.
    private func run<Result: Sendable>(
        on queue: DispatchQueue, _ body: @escaping @Sendable (CancellationFlag) -> Result
    ) async -> Result {
        let stop = CancellationFlag()
        return await withTaskCancellationHandler {
            await queue.run { body(stop) }
        } onCancel: {
            stop.raise()
        }
    }
}
