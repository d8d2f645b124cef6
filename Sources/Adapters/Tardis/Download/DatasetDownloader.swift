// Downloads and verifies dataset files: looks on disk first, then asks Tardis.

import Concurrency
package import Curl
package import Datasets
import Dispatch
package import Jobs
package import Logging
import Posix

/// Makes one attempt at one file: looks for it on disk, links or requests it, publishes it if it is
/// proven.
package final class DatasetDownloader: Downloading {
    let settings: TardisSettings
    let client: CurlClient
    let catalogue: any CatalogueProviding
    let time: any Timekeeping
    let limiter: TransferLimiter
    let partials: ResumableTransfers
    let space: DiskReserve
    let syncQueues: WorkQueues
    let folderSyncs = DirectorySyncCoalescer()
    let connectionTrust = ConnectionTrust()
    let ambiguous = AmbiguousDatasets()
    /// Files between two attempts of which Tardis has said once that it does not have them.
    let notFound = BoundedCache<TargetFile, Void>()
    /// Whole bodies that were refused, to know one that comes again.
    let refusedBodies = BoundedCache<RefusedBody, Void>()
    /// Files published a moment ago, which the store may not know yet: a job that waited for
    /// another one's transfer finds its file here.
    private let recentPublications = BoundedCache<DatasetFile, PublishedCopy>()
    /// Files put aside, until they are replaced: by then nothing on the disk tells a damaged file
    /// from a missing one.
    private let quarantined = BoundedCache<TargetFile, Void>()
    private let root: DataRoot
    private let facts: (any KeyValueStore)?
    private let logger: Logger
    private let queues: WorkQueues
    private let fileLock = FileLock()

    /// - Parameters:
    ///   - root: contains every job's folder; made if it is missing.
    ///   - catalogue: says whether a file that Tardis does not have can exist at all.
    ///   - limits: how many files are requested at once. The client keeps the rates, by its own
    ///     settings.
    ///   - facts: remembers the folders that this makes; `nil` to forget them.
    ///   - time: measures how long partial files are kept and connections are doubted.
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
        partials = ResumableTransfers(time: time)
        space = DiskReserve(reserveBytes: settings.diskReserveBytes)
        self.time = time
    }

    /// As ``Downloading`` says. Another job that wants the same files in the same folder now loses
    /// no more than the beginning of a transfer.
    package func forget(filesOf job: Job) {
        guard let folder = try? OutputPath(job.outputPath, below: root).text else { return }
        partials.discard { target in
            target.path == folder && target.file.exchange == job.exchange
                && job.dataTypes.contains(target.file.dataType.name)
                && (job.startDate...max(job.startDate, job.endDate))
                    .contains("\(target.file.day)")
        }
    }

    /// Removes files under the same locks under which this downloads them.
    package var remover: DatasetRemover {
        DatasetRemover(root: root, fileLock: fileLock, facts: facts)
    }

    /// As ``Downloading`` says. Two attempts at the same file, in any folders, run one after the
    /// other, so that the second finds what the first published.
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
        let outcome = await fileLock.withLock(on: file) {
            switch await open(file, at: path, context, on: queue, admitted: admitted) {
            case .success((let target, let existing)):
                await MadeFolders(root: root, facts: facts).remember(target.madeFolders)
                return await verify(target, existing, attempt: attempt, context: context)
            case .failure(let error):
                return DownloadOutcome(of: error, folder: path.text, name: file.name)
            }
        }
        if case .published(let checksum) = outcome {
            recentPublications.set(
                PublishedCopy(folder: path.text, sha256: checksum.sha256), for: file)
        }
        return (outcome ?? .interrupted).without(apiKey: settings.apiKey)
    }

    // MARK: One file, under its lock

    /// Adds how a file was found that must be what it was before.
    private func verify(
        _ target: DownloadTarget, _ existing: ExistingFile, attempt: Int, context: DownloadContext
    ) async -> DownloadOutcome {
        guard context.expectedSHA256 != nil else {
            return await obtain(target, existing, attempt: attempt, context: context)
        }
        let finding = finding(existing, of: target.identity)
        let outcome = await obtain(target, existing, attempt: attempt, context: context)
        switch outcome {
        case .published, .unavailable, .failed, .stopJob: quarantined.remove(target.identity)
        case .retry, .pauseUpstream, .awaitSpace, .awaitUpstream, .interrupted: break
        }
        return outcome.noting(finding)
    }

    /// How a file was found that is verified; `nil` if it is unchanged.
    private func finding(_ existing: ExistingFile, of file: TargetFile) -> FileFinding? {
        switch existing {
        case .proven, .stopped: return nil
        case .refused:
            quarantined.insert(file)
            return .damaged
        case .none: return quarantined.contains(file) ? .damaged : .missing
        }
    }

    private func obtain(
        _ target: DownloadTarget, _ existing: ExistingFile, attempt: Int, context: DownloadContext
    ) async -> DownloadOutcome {
        switch existing {
        case .proven(let checksum) where checksum.rows > 0 || target.file.isNamedBySymbol:
            return .published(checksum)
        // Without rows it may be another symbol's.
        case .proven: break
        case .stopped: return .interrupted
        case .refused(let failure) where failure.code == CSVValidator.namesakeCode:
            return .failed(
                FileFailure(
                    code: "name_taken",
                    detail: "\(target.file.name) is there already, of another symbol than "
                        + "\(target.file.symbol), whose files have the same names. Submit a job "
                        + "with another output_path."))
        case .refused(let failure):
            logger.notice(
                "a file on disk is not what it should be and is fetched anew",
                metadata: ["file": "\(target.file.name)", "reason": "\(failure.code)"])
        case .none: break
        }
        if let outcome = await linked(target, context) { return outcome }
        if Task.isCancelled { return .interrupted }
        if let refusal = context.refusal { return .failed(refusal) }
        guard settings.apiKey?.isEmpty == false || target.file.day.isFree else {
            return .failed(
                FileFailure(
                    code: "api_key_missing",
                    detail: "Only the first day of each month is free: set TARDIS_API_KEY to get "
                        + "\(target.file.day)."))
        }
        if context.isUpstreamPaused { return .awaitUpstream }
        // A request would be wasted each time.
        switch target.obstacle {
        case .noSpace(let shortage, let error):
            return DownloadOutcome(
                shortage, error, folder: target.path, name: target.file.name)
        case .disk(let error):
            return DownloadOutcome(of: error, folder: target.path, name: target.file.name)
        default:
            var performer = DownloadAttempt(self, target, number: attempt)
            return await performer.run()
        }
    }

    /// A lack of space that the file itself met: it waits, and no other file.
    func outcome(
        of shortage: SpaceShortage, _ error: SystemError?, _ target: DownloadTarget
    ) -> DownloadOutcome {
        if let needed = shortage.neededBytes { space.hold(target.identity, until: needed) }
        return DownloadOutcome(shortage, error, folder: target.path, name: target.file.name)
    }

    /// Opens a file's folder, and checks what has the file's name there.
    private func open(
        _ file: DatasetFile, at path: OutputPath, _ context: DownloadContext,
        on queue: DispatchQueue,
        admitted: @escaping @Sendable () -> Void
    ) async -> Result<(DownloadTarget, ExistingFile), SystemError> {
        let (root, settings, space) = (root.text, settings, space)
        return await run(on: queue) { stop in
            Result { () throws(SystemError) in
                var made: [MadeFolders.Folder?] = []
                let root = try ConfinedFolder(root: root)
                let folder = try root.folder(path.components.joined(separator: "/")) {
                    made.append(MadeFolders.Folder($0, $1))
                }
                let identity = TargetFile(folder: try folder.identity, name: file.name)
                let existing = try ExistingFile.find(
                    file, in: folder, settings: settings, stop: stop)
                let target = DownloadTarget(
                    file: file, folder: folder, path: path.text, identity: identity, queue: queue,
                    requiredSHA256: context.acceptsRevision ? nil : context.expectedSHA256,
                    isExpedited: context.isExpedited, madeFolders: made.compactMap { $0 },
                    obstacle: space.obstacle(to: identity, in: folder),
                    formerFailure: context.formerFailure, admitted: admitted)
                guard let expected = context.expectedSHA256 else { return (target, existing) }
                return (target, try existing.quarantined(unless: expected, file, in: folder))
            }
        }
    }

    /// The file, linked or copied from another job's folder; `nil` if no copy is what it was.
    private func linked(
        _ target: DownloadTarget, _ context: DownloadContext
    ) async -> DownloadOutcome? {
        var copies = context.copies
        if let copy = recentPublications[target.file] { copies.insert(copy, at: 0) }
        // A verified file must be what it was.
        if let expected = context.expectedSHA256 { copies.removeAll { $0.sha256 != expected } }
        let (file, folder, settings, root) = (target.file, target.folder, settings, root)
        let space = space
        for copy in copies where copy.folder != target.path {
            let linked = await run(on: target.queue) { stop in
                LinkedCopy(
                    file: file, copy: copy, root: root, settings: settings, space: space
                )
                .make(in: folder, stop: stop)
            }
            switch linked {
            case .success(let checksum)?: return .published(checksum)
            case .failure(.noSpace(let shortage, let error))?:
                // A download would need the same space.
                return outcome(of: shortage, error, target)
            case .failure?, nil: continue
            }
        }
        return nil
    }

    /// Runs blocking work on a queue; cancelling the task stops it.
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

/// A file in a folder, by any path to it.
struct TargetFile: Hashable {
    let folder: FileIdentity
    let name: String
}

/// A whole body that is not the file it was sent for.
struct RefusedBody: Hashable {
    let file: DatasetFile
    let content: RefusedContent
    /// What is wrong with it, with line and column.
    let flaw: String
}
