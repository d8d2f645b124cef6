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
    let settings: TardisSettings
    private let root: DataRoot
    let client: CurlClient
    let catalogue: any CatalogueReading
    private let logger: Logger
    private let queues: ProofQueues
    let syncQueues: ProofQueues
    private let turns = FileTurns()
    private let recent = RecentFiles()
    let folderSyncs = FolderSyncs()
    let slots: TransferSlots
    let kept = KeptTransfers()

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

    /// As ``Downloading`` says. Two attempts at the same file take turns, in whatever folders, so
    /// that the second finds what the first published.
    package func download(
        _ file: DatasetFile, to folder: String, attempt: Int, hints: FileHints
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
            await download(file, to: path, attempt: attempt, hints: hints, on: queue)
        }
    }

    package func giveUp(
        in folder: String, where isGivenUp: @Sendable (DatasetFile) -> Bool
    ) async {
        guard let path = try? OutputPath(folder, below: root) else { return }
        kept.giveUp(in: path.text, where: isGivenUp)
    }

    private func download(
        _ file: DatasetFile, to path: OutputPath, attempt: Int, hints: FileHints,
        on queue: DispatchQueue
    ) async -> DownloadOutcome {
        let root = root.text
        let opened = await queue.run { Self.open(path, below: root) }
        do {
            let (folder, identity) = try opened.get()
            let target = TargetFile(folder: identity, name: file.name)
            let place = Place(
                file: file, folder: folder, path: path.text, target: target, queue: queue)
            let outcome = await turns.alone(with: file) {
                await have(place, attempt: attempt, hints: hints)
            }
            if case .published(let proof) = outcome {
                recent.remember(file, PublishedCopy(folder: place.path, sha256: proof.sha256))
            }
            return outcome ?? .interrupted
        } catch {
            return DownloadOutcome(of: error, folder: path.text, name: file.name)
        }
    }

    /// Where one file goes, and who works on it.
    struct Place {
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

    private func have(
        _ place: Place, attempt: Int, hints: FileHints
    ) async -> DownloadOutcome {
        switch await stored(place, expected: hints.expectedSHA256) {
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
        if let proof = await linked(place, hints.copies) { return .published(proof) }
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

    private func stored(
        _ place: Place, expected: String?
    ) async -> Result<StoredDataset, SystemError> {
        let (file, folder, settings) = (place.file, place.folder, settings)
        return await onQueue(of: place) { stop in
            Result { () throws(SystemError) in
                let found = try StoredDataset.look(
                    for: file, in: folder, settings: settings, stop: stop)
                guard let expected else { return found }
                return try found.held(against: expected, file, in: folder)
            }
        }
    }

    /// The file, linked from where another job has put it; `nil` where none of the copies proves to
    /// be what it was.
    private func linked(_ place: Place, _ copies: [PublishedCopy]) async -> FileProof? {
        var copies = copies
        if let copy = recent.copy(of: place.file) { copies.insert(copy, at: 0) }
        let (file, folder, settings, root) = (place.file, place.folder, settings, root)
        for copy in copies where copy.folder != place.path {
            let proof = await onQueue(of: place) { stop in
                DatasetCopy(file, copy, below: root, settings: settings)
                    .bring(to: folder, stop: stop)
            }
            if let proof { return proof }
        }
        return nil
    }

    /// Runs something that blocks on the place's queue; cancelling the task stops it.
    private func onQueue<Result: Sendable>(
        of place: Place, _ body: @escaping @Sendable (StopFlag) -> Result
    ) async -> Result {
        let stop = StopFlag()
        return await withTaskCancellationHandler {
            await place.queue.run { body(stop) }
        } onCancel: {
            stop.raise()
        }
    }
}
