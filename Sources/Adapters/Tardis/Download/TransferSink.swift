// One request for a file and where its answer goes: to a new writer, or to the one that has the
// beginning already. It must not know what becomes of the file.

import Concurrency
import Curl
import Datasets
import Dispatch
import Posix
import Synchronization

/// The receiving end of one request.
struct TransferSink: Sendable {
    let intake: BodyBridge
    private let fresh: SerialIsolated<DatasetWriter>
    private let kept: ResumableTransfer?
    /// The answer brings the rest of what is kept.
    private let isContinued: CancellationFlag

    /// - Parameters:
    ///   - queue: of the writer; that of the kept one where there is one.
    ///   - kept: the beginning of the file, if only the rest is asked for.
    ///   - begun: told once, when the first bytes are those of a gzip.
    init(
        _ file: DatasetFile, in folder: ConfinedFolder, settings: TardisSettings,
        room: WritingRoom, queue: DispatchQueue, kept: ResumableTransfer?,
        begun: @escaping @Sendable () -> Void
    ) {
        let queue = kept?.writer.queue ?? queue
        let fresh = SerialIsolated(queue) {
            DatasetWriter(file, in: folder, settings: settings, room: room)
        }
        let (isContinued, isBegun) = (CancellationFlag(), CancellationFlag())
        let announced = Announcement()
        intake = BodyBridge(
            waitingBytesMax: settings.inboxBytesMax, queue: queue,
            isWanted: { head in
                if kept?.isContinued(by: head) == true { isContinued.raise() }
                announced.take(head)
                return head.status == 200 || isContinued.isRaised
            },
            sink: { bytes in
                let writer = isContinued.isRaised ? kept?.writer ?? fresh : fresh
                if isBegun.isRaised { return writer.use { $0.take(bytes) } }
                guard
                    writer.use({ writer in
                        writer.begin(
                            announcing: announced.bytes, isSaidToBePage: announced.isPage)
                            && writer.take(bytes)
                    })
                else { return false }
                isBegun.raise()
                begun()
                return true
            })
        self.fresh = fresh
        self.kept = kept
        self.isContinued = isContinued
    }

    /// Who has what the answer brought.
    var writer: SerialIsolated<DatasetWriter> {
        isContinued.isRaised ? kept?.writer ?? fresh : fresh
    }

    /// Gives up what is kept where the answer did not go on with it.
    func abandonUnused() {
        if !isContinued.isRaised { kept?.abandon() }
    }

    /// What the next attempt can go on from; everything else is removed.
    func remainder(after error: CurlError, from origin: Origin) async -> ResumableTransfer? {
        // No file began to arrive: what is kept is as good as before.
        if let kept, !intake.hasFile { return kept }
        abandonUnused()
        let writer = writer
        let offered =
            isContinued.isRaised
            ? kept?.validator : ResumableTransfer.validator(offeredBy: intake.answer.head)
        let size =
            isContinued.isRaised
            ? kept?.size : intake.answer.head?["Content-Length"].flatMap { Int64($0) }
        let bytes = await writer.run { writer in
            writer.rest()
            return writer.bytes
        }
        switch error {
        case .cutShort, .timedOut, .other:
            if let offered, bytes > 0 {
                return ResumableTransfer(
                    writer: writer, bytes: bytes, size: size, validator: offered, origin: origin)
            }
        default: break
        }
        await writer.run { $0.abandon() }
        return nil
    }
}

/// What an answer's head announces, for another thread.
private final class Announcement: Sendable {
    private let head = Mutex<(bytes: Int64?, isPage: Bool)>((nil, false))

    var bytes: Int64? { head.withLock { $0.bytes } }
    var isPage: Bool { head.withLock { $0.isPage } }

    func take(_ response: ResponseHead) {
        let bytes = response["Content-Length"].flatMap { Int64($0) }
        let isPage = response["Content-Type"]?.lowercased().contains("html") == true
        head.withLock { $0 = (bytes, isPage) }
    }
}
