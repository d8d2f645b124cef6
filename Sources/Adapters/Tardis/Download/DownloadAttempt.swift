// Asks Tardis for one file, follows where it leads, and publishes what is proven. It must not know
// what stands on the disk already.

import Concurrency
import Curl
import Datasets
import Jobs
import Posix

extension DatasetDownloader {
    /// Fetches over connections in use only what proves to be the file. What a wayward server sends
    /// behind an answer is taken for the next one, as long as the connection lives; hence a file
    /// that might be another's answer is asked for again at once over a new connection, and what
    /// went wrong, in the next attempt, which uses new ones. So is at once what nobody could tell
    /// from another file that was asked for before. Refusals are believed as they come:
    /// asking again after a permanent one is what nobody may do.
    func fetch(_ place: Place, attempt: Int) async -> DownloadOutcome {
        // Of an earlier run of the job, perhaps long ago.
        if attempt == 1 { missed.forget(place.target) }
        var rest = kept.take(place.target)
        let outcome = await fetch(place, attempt: attempt, rest: &rest)
        switch outcome {
        case .retry:
            if let rest { kept.keep(rest, of: place) }
        case .interrupted, .pauseUpstream, .awaitSpace:
            rest?.abandon()
        default:
            // Nobody comes back for a file that has ended.
            rest?.abandon()
            missed.forget(place.target)
        }
        return outcome
    }

    private func fetch(
        _ place: Place, attempt: Int, rest: inout ResumableTransfer?
    ) async -> DownloadOutcome {
        let mayBeMistaken = lookalikes.ask(for: place.file)
        if attempt == 1, !mayBeMistaken, !doubts.areRaised(at: time.now),
            let outcome = await fetch(
                place, attempt: attempt, usesNewConnections: false, rest: &rest)
        {
            return outcome
        }
        return await fetch(place, attempt: attempt, usesNewConnections: true, rest: &rest)
            ?? .retry(
                after: nil,
                FileFailure(
                    code: "in_doubt", detail: "Tardis sent what may be the answer for another file."
                ))
    }

    /// Asks, and asks again where redirects lead, until there is an answer.
    ///
    /// - Returns: `nil` for a file that came over a connection in use and may be another's.
    private func fetch(
        _ place: Place, attempt: Int, usesNewConnections: Bool, rest: inout ResumableTransfer?
    ) async -> DownloadOutcome? {
        let url = DatasetURL(place.file, base: settings.datasetsURL, attempt: attempt)
        let table = ReplyTable(
            file: place.file, attempt: attempt, wasMissing: missed.contains(place.target),
            retryBase: settings.retryBase, retryAfterMax: settings.retryAfterMax)
        guard var request = DatasetRequest(url: url.description) else {
            return .stopJob(
                FileFailure(code: "url_refused", detail: "TARDIS_DATASETS_URL makes no sense."))
        }
        let slot: TransferSlot
        switch await limiter.acquire(isExpedited: place.isExpedited) {
        case .admitted(let admitted): slot = admitted
        case .cancelled: return .interrupted
        case .rejected(let outcome): return outcome
        }
        // Held from hop to hop: where a redirect leads may be closed soon.
        defer { slot.release() }
        var isSure = true
        while true {
            switch await transfer(
                request, to: place, in: slot, usesNewConnection: usesNewConnections,
                isSure: &isSure, rest: &rest)
            {
            case .ended(let outcome): return outcome
            case .inDoubt: return nil
            case .replied(let reply, let location, let address):
                switch table.meaning(of: reply) {
                case .dataset:
                    // A 200 ends in a file, as long as its receiver and this agree on what one is.
                    return .retry(
                        after: nil,
                        FileFailure(
                            code: "cut_short", detail: "Tardis's answer ended before its file.",
                            httpStatus: reply.status))
                case .decided(let outcome):
                    if case .pauseUpstream = outcome { limiter.failWaiters(with: outcome) }
                    return outcome
                case .missed(let failure):
                    missed.remember(place.target)
                    return .retry(after: nil, failure)
                case .missing(let failure, let otherwise):
                    return await catalogue.outcome(ofMissing: place.file, failure) ?? otherwise
                case .redirect:
                    do {
                        request = try request.redirected(
                            to: location, status: reply.status, from: address,
                            redirectsMax: settings.redirectsMax)
                    } catch {
                        // A network's login page redirects too: no verdict on the file.
                        return .retry(after: nil, error)
                    }
                }
            }
        }
    }

    /// How one request ended.
    private enum TransferResult {
        case ended(DownloadOutcome)
        case inDoubt
        /// - address: of the host that replied, where it is known.
        case replied(Reply, location: String?, address: String?)
    }

    /// - Parameters:
    ///   - isSure: becomes `false` where the answer came over a connection in use.
    ///   - rest: what is there of the file; used where the request goes to whoever offered to go
    ///     on, and afterwards what the next attempt can go on from.
    private func transfer(
        _ request: DatasetRequest, to place: Place, in slot: TransferSlot,
        usesNewConnection: Bool, isSure: inout Bool, rest: inout ResumableTransfer?
    ) async -> TransferResult {
        let present = rest?.origin == request.origin ? rest.take() : nil
        let exchange = TransferSink(
            place.file, in: place.folder, settings: settings, room: room, queue: place.queue,
            kept: present, begun: place.admitted)
        let sent = ContinuousClock.now
        do throws(CurlError) {
            let summary = try await client.perform(
                request.transfer(
                    settings: settings, usesNewConnection: usesNewConnection, kept: present,
                    isExpedited: place.isExpedited),
                receiver: exchange.intake)
            limiter.record(status: summary.head.status, age: summary.duration)
            if !summary.usedNewConnection { isSure = false }
            if exchange.intake.hasFile {
                slot.release()
                exchange.abandonUnused()
                guard ResumableTransfer.isComplete(summary) else {
                    await exchange.writer.run { $0.abandon() }
                    return .ended(.retry(after: nil, ResumableTransfer.refused(206)))
                }
                return await publish(exchange.writer, place, isSure: isSure)
            }
            return reply(
                to: request, exchange, from: summary.address, kept: present, rest: &rest)
        } catch {
            if let status = exchange.intake.statusOfRefusal(after: error) {
                limiter.record(status: status, age: sent.duration(to: .now))
                // Nobody says which connection it was.
                if !usesNewConnection { isSure = false }
                return reply(to: request, exchange, from: nil, kept: present, rest: &rest)
            }
            let problem = await exchange.writer.run { $0.problem }
            // The writer's own problem is the reason, whatever became of the transfer then.
            if let problem, error != .cancelled {
                exchange.abandonUnused()
                return arrival(of: problem, place)
            }
            rest = await exchange.remainder(after: error, from: request.origin) ?? rest
            return .ended(DownloadOutcome(of: error, retryBase: settings.retryBase))
        }
    }

    private func publish(
        _ writer: SerialIsolated<DatasetWriter>, _ place: Place, isSure: Bool
    ) async -> TransferResult {
        if Task.isCancelled {
            await writer.run { $0.abandon() }
            return .ended(.interrupted)
        }
        let failures = folderSyncs.failures
        // Rows name their exchange, symbol and day, and their columns the data type, unless there
        // are none; what else passes for the file is in ``lookalikes``.
        let isBelieved = { @Sendable [doubts, time] (found: FileChecksum) in
            isSure || found.rows > 0 && !doubts.areRaised(at: time.now)
        }
        let required = place.requiredSHA256
        let published = await syncQueues.lend { queue in
            await writer.finish(
                on: queue, { $0.conclude(requiring: required, where: isBelieved) },
                then: { $0.publish() })
        }
        let proof: FileChecksum
        switch published {
        case .success(let found): proof = found
        case .failure(let problem):
            if !isSure, problem.isAnotherFile { doubts.raise(at: time.now) }
            return arrival(of: problem, place)
        }
        do throws(SystemError) {
            try await folderSyncs.sync(place.folder, place.target.folder, since: failures)
            return .ended(.published(proof))
        } catch {
            return arrival(of: .disk(error), place)
        }
    }

    /// The answer as its head and the beginning of its body tell it.
    private func reply(
        to request: DatasetRequest, _ exchange: TransferSink, from address: String?,
        kept present: ResumableTransfer?, rest: inout ResumableTransfer?
    ) -> TransferResult {
        let (head, words) = exchange.intake.answer
        let status = head?.status ?? 0
        if present != nil, [206, 416].contains(status) {
            exchange.abandonUnused()
            return .ended(.retry(after: nil, ResumableTransfer.refused(status)))
        }
        rest = present ?? rest
        let reply = Reply(
            status: status, retryAfter: head?.retryAfter, contentType: head?["Content-Type"],
            body: words, isFromUpstream: request.isFromUpstream, apiKey: settings.apiKey)
        return .replied(reply, location: head?.redirectURL, address: address)
    }

    private func arrival(of problem: WriteProblem, _ place: Place) -> TransferResult {
        switch problem {
        case .disk(let error):
            .ended(DownloadOutcome(of: error, folder: place.path, name: place.file.name))
        case .noRoom(let lack, let error): .ended(outcome(of: lack, error, place))
        case .content(let refusal): .ended(outcome(of: refusal, place))
        case .inDoubt:
            .inDoubt
        }
    }

    /// A disk of its own below the data root holds up only what is written to it.
    func outcome(
        of lack: RoomLack, _ error: SystemError?, _ place: Place
    ) -> DownloadOutcome {
        var lack = lack
        if place.hasDiskOfItsOwn, let needed = lack.neededBytes.take() {
            room.wait(for: needed, on: place.target.folder.device)
        }
        return DownloadOutcome(lack, error, folder: place.path, name: place.file.name)
    }

    /// The transfer may be at fault for what came, except for a bomb, which would only come again,
    /// and for a whole file that came a second time: that is what Tardis has.
    private func outcome(of refusal: Refusal, _ place: Place) -> DownloadOutcome {
        var failure = refusal.failure
        if failure.code == "too_large" || failure.revisionSHA256 != nil { return .failed(failure) }
        guard let sha256 = refusal.sha256 else { return .retry(after: nil, failure) }
        if refused.remember(sha256, of: place.file)
            || place.formerFailure?.detail.contains(sha256) == true
        {
            failure.detail +=
                " These very bytes came twice, whole and with the right checksum (SHA-256 "
                + "\(sha256)): this is what Tardis has. Ask Tardis about it."
            return .failed(failure)
        }
        failure.detail += " It came whole, with the right checksum (SHA-256 \(sha256))."
        return .retry(after: nil, failure)
    }
}
