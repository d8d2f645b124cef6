// Performs one attempt to download a file, as AttemptState decides: requests it, follows redirects,
// and publishes what is proven.

import Concurrency
import Curl
import Datasets
import Dispatch
import Jobs
import Posix

/// Where one file is written, and on what conditions.
struct DownloadTarget: Sendable {
    let file: DatasetFile
    let folder: ConfinedFolder
    /// The folder as its owner knows it.
    let path: String
    let identity: TargetFile
    let queue: DispatchQueue
    /// The SHA-256 that the file must have; `nil` if any proven file is accepted.
    let requiredSHA256: String?
    /// See ``DownloadContext/isExpedited``.
    let isExpedited: Bool
    /// The folders that were made for it.
    let madeFolders: [MadeFolders.Folder]
    /// Why nothing can be written there now, if so.
    let obstacle: WriteProblem?
    /// See ``DownloadContext/formerFailure``.
    let formerFailure: FileFailure?
    /// See ``Downloading``.
    let admitted: @Sendable () -> Void
}

/// One attempt.
struct DownloadAttempt {
    private let downloader: DatasetDownloader
    private let target: DownloadTarget
    private let number: Int
    /// The beginning of the file, from an earlier attempt or for the next one.
    private var partial: ResumableTransfer?

    /// - Parameter number: 1 for the first.
    init(_ downloader: DatasetDownloader, _ target: DownloadTarget, number: Int) {
        self.downloader = downloader
        self.target = target
        self.number = number
    }

    mutating func run() async -> DownloadOutcome {
        // Of an earlier run of the job, perhaps long ago.
        if number == 1 { downloader.notFound.remove(target.identity) }
        partial = downloader.partials.take(target.identity)
        let outcome = await perform()
        switch outcome {
        case .retry:
            if let partial { downloader.partials.store(partial, of: target) }
        case .interrupted, .pauseUpstream, .awaitSpace:
            partial?.discard()
        default:
            // No attempt follows.
            partial?.discard()
            downloader.notFound.remove(target.identity)
        }
        return outcome
    }

    private mutating func perform() async -> DownloadOutcome {
        guard var state = makeState() else {
            return .stopJob(
                FileFailure(
                    code: "url_refused", detail: "TARDIS_DATASETS_URL is not a valid URL."))
        }
        var slot: TransferSlot?
        defer { slot?.release() }
        var action = AttemptState.Action.begin(state.first)
        while true {
            let request: DatasetRequest
            switch action {
            case .begin(let next):
                slot?.release()
                switch await downloader.limiter.acquire(isExpedited: target.isExpedited) {
                case .admitted(let admitted): slot = admitted
                case .cancelled: return .interrupted
                case .rejected(let outcome): return outcome
                }
                request = next
            case .send(let next):
                request = next
            case .checkCatalogue(let failure, let otherwise):
                return await downloader.catalogue.outcome(ofMissing: target.file, failure)
                    ?? otherwise
            case .retryNotFound(let failure):
                downloader.notFound.insert(target.identity)
                return .retry(after: nil, failure)
            case .end(let outcome):
                if case .pauseUpstream = outcome { downloader.limiter.failWaiters(with: outcome) }
                return outcome
            }
            let event = await transfer(request, in: slot, &state)
            action = state.handle(event)
        }
    }

    /// - Returns: `nil` if the configured URL makes no sense.
    private func makeState() -> AttemptState? {
        let settings = downloader.settings
        let isAmbiguous = downloader.ambiguous.recordRequest(for: target.file)
        let mayUseConnections =
            number == 1 && !isAmbiguous
            && !downloader.connectionTrust.isDoubted(at: downloader.time.now)
        let url = DatasetURL(target.file, base: settings.datasetsURL, attempt: number)
        guard let first = DatasetRequest(url: url.description) else { return nil }
        return AttemptState(
            first,
            classifier: ResponseClassifier(
                file: target.file, attempt: number,
                wasMissing: downloader.notFound.contains(target.identity),
                retryBase: settings.retryBase, retryAfterMax: settings.retryAfterMax),
            redirectsMax: settings.redirectsMax, usesNewConnections: !mayUseConnections)
    }

    // MARK: One request

    private mutating func transfer(
        _ request: DatasetRequest, in slot: TransferSlot?, _ state: inout AttemptState
    ) async -> AttemptState.Event {
        let settings = downloader.settings
        // Only the host that offered to continue is asked to.
        let resumed = partial?.origin == request.origin ? partial.take() : nil
        let sink = TransferSink(
            target.file, in: target.folder, settings: settings, space: downloader.space,
            queue: target.queue, resuming: resumed, begun: target.admitted)
        let sent = ContinuousClock.now
        do throws(CurlError) {
            let summary = try await downloader.client.perform(
                request.transfer(
                    settings: settings, usesNewConnection: state.usesNewConnections,
                    resuming: resumed, isExpedited: target.isExpedited),
                receiver: sink.bridge)
            downloader.limiter.record(status: summary.head.status, age: summary.duration)
            if !summary.usedNewConnection { state.recordUsedConnection() }
            guard sink.bridge.hasFile else {
                return response(to: request, sink, from: summary.address, resumed: resumed)
            }
            slot?.release()
            sink.discardUnused()
            guard ResumableTransfer.isComplete(summary) else {
                await sink.writer.run { $0.discard() }
                return .ended(.retry(after: nil, ResumableTransfer.refused(206)))
            }
            return await publish(sink.writer, isTrusted: state.isTrusted)
        } catch {
            if let status = sink.bridge.statusOfRefusal(after: error) {
                downloader.limiter.record(status: status, age: sent.duration(to: .now))
                // It is not known which connection it was.
                if !state.usesNewConnections { state.recordUsedConnection() }
                return response(to: request, sink, from: nil, resumed: resumed)
            }
            let problem = await sink.writer.run { $0.problem }
            // The writer's own problem is the reason, also of the transfer's error.
            if let problem, error != .cancelled {
                sink.discardUnused()
                return event(of: problem)
            }
            let remainder = await sink.remainder(after: error, from: request.origin)
            partial = remainder ?? partial
            return .ended(DownloadOutcome(of: error, retryBase: settings.retryBase))
        }
    }

    /// A response that is no file, as its head and the beginning of its body say.
    private mutating func response(
        to request: DatasetRequest, _ sink: TransferSink, from address: String?,
        resumed: ResumableTransfer?
    ) -> AttemptState.Event {
        let (head, body) = sink.bridge.response
        let status = head?.status ?? 0
        if resumed != nil, [206, 416].contains(status) {
            sink.discardUnused()
            return .ended(.retry(after: nil, ResumableTransfer.refused(status)))
        }
        partial = resumed ?? partial
        let reply = Reply(
            status: status, retryAfter: head?.retryAfter, contentType: head?["Content-Type"],
            body: body, isFromUpstream: request.isFromUpstream,
            apiKey: downloader.settings.apiKey)
        return .responded(reply, location: head?.redirectURL, address: address)
    }

    // MARK: The file

    private func publish(
        _ writer: SerialIsolated<DatasetWriter>, isTrusted: Bool
    ) async -> AttemptState.Event {
        if Task.isCancelled {
            await writer.run { $0.discard() }
            return .ended(.interrupted)
        }
        let folderSyncs = downloader.folderSyncs
        let failures = folderSyncs.failures
        let (trust, time) = (downloader.connectionTrust, downloader.time)
        // Rows name their exchange, symbol and day, and their columns the data type, unless there
        // are none; ``AmbiguousDatasets`` covers the rest.
        let isBelieved = { @Sendable (found: FileChecksum) in
            isTrusted || found.rows > 0 && !trust.isDoubted(at: time.now)
        }
        let required = target.requiredSHA256
        let published = await downloader.syncQueues.lend { queue in
            await writer.finish(
                on: queue, { $0.conclude(requiring: required, where: isBelieved) },
                then: { $0.publish() })
        }
        let checksum: FileChecksum
        switch published {
        case .success(let found): checksum = found
        case .failure(let problem):
            if !isTrusted, problem.isAnotherFile { trust.recordMismatch(at: time.now) }
            return event(of: problem)
        }
        do throws(SystemError) {
            try await folderSyncs.sync(target.folder, target.identity.folder, since: failures)
            return .ended(.published(checksum))
        } catch {
            return event(of: .disk(error))
        }
    }

    private func event(of problem: WriteProblem) -> AttemptState.Event {
        switch problem {
        case .disk(let error):
            .ended(DownloadOutcome(of: error, folder: target.path, name: target.file.name))
        case .noSpace(let shortage, let error):
            .ended(downloader.outcome(of: shortage, error, target))
        case .content(let refusal): .ended(outcome(of: refusal))
        case .ambiguous: .ambiguous
        }
    }

    /// The transfer may be at fault for wrong content, except for a bomb, which would come again,
    /// and for the same content received whole twice, however compressed: that is what Tardis has.
    private func outcome(of refusal: Refusal) -> DownloadOutcome {
        var failure = refusal.failure
        if failure.code == "too_large" || failure.revisionSHA256 != nil { return .failed(failure) }
        guard let content = refusal.content else { return .retry(after: nil, failure) }
        let flaw = failure.detail
        let isKnown = !downloader.refusedBodies.insert(
            RefusedBody(file: target.file, content: content, flaw: flaw))
        let former = target.formerFailure?.detail ?? ""
        if isKnown || former.hasPrefix(flaw) && former.contains(content.description) {
            failure.detail +=
                " The very same content came twice, whole and with the right checksum "
                + "(\(content.description)): this is what Tardis has. Ask Tardis about it."
            return .failed(failure)
        }
        failure.detail += " It came whole, with the right checksum (\(content.description))."
        return .retry(after: nil, failure)
    }
}
