// The receiving end of one request for a file: its body goes to a new writer, or to the one that
// holds the beginning already.

import Concurrency
import Curl
import Datasets
import Dispatch
import Posix
import Synchronization

/// Where the response to one request goes.
struct TransferSink: Sendable {
    let bridge: BodyBridge
    private let fresh: SerialIsolated<DatasetWriter>
    private let resumed: ResumableTransfer?
    private let head: AnnouncedHead

    /// - Parameters:
    ///   - queue: the writer's; a resumed transfer keeps its own.
    ///   - resumed: the beginning of the file, if only the rest is requested.
    ///   - begun: called once, when the first bytes are those of a gzip.
    init(
        _ file: DatasetFile, in folder: ConfinedFolder, settings: TardisSettings,
        space: DiskReserve, queue: DispatchQueue, resuming resumed: ResumableTransfer?,
        begun: @escaping @Sendable () -> Void
    ) {
        let queue = resumed?.writer.queue ?? queue
        let fresh = SerialIsolated(queue) {
            DatasetWriter(file, in: folder, settings: settings, space: space)
        }
        let (head, isBegun) = (AnnouncedHead(), CancellationFlag())
        bridge = BodyBridge(
            waitingBytesMax: settings.inboxBytesMax, queue: queue,
            isWanted: { response in
                head.record(response, isContinued: resumed?.isContinued(by: response) == true)
                return response.status == 200 || head.isContinued
            },
            sink: { bytes in
                let writer = head.isContinued ? resumed?.writer ?? fresh : fresh
                if isBegun.isRaised { return writer.use { $0.take(bytes) } }
                guard
                    writer.use({ writer in
                        writer.begin(announcing: head.bytes, claimsWebPage: head.claimsWebPage)
                            && writer.take(bytes)
                    })
                else { return false }
                isBegun.raise()
                begun()
                return true
            })
        self.fresh = fresh
        self.resumed = resumed
        self.head = head
    }

    /// The writer that has the response's bytes.
    var writer: SerialIsolated<DatasetWriter> {
        head.isContinued ? resumed?.writer ?? fresh : fresh
    }

    /// Discards the beginning of the file if the response did not continue it.
    func discardUnused() {
        if !head.isContinued { resumed?.discard() }
    }

    /// What the next attempt can continue; everything else is removed.
    func remainder(after error: CurlError, from origin: Origin) async -> ResumableTransfer? {
        // No file began to arrive: the beginning is as good as before.
        if let resumed, !bridge.hasFile { return resumed }
        discardUnused()
        let writer = writer
        let isContinued = head.isContinued
        let response = bridge.response.head
        let offered =
            isContinued ? resumed?.validator : ResumableTransfer.validator(offeredBy: response)
        let size =
            isContinued ? resumed?.size : response?["Content-Length"].flatMap { Int64($0) }
        let bytes = await writer.run { writer in
            writer.pause()
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
        await writer.run { $0.discard() }
        return nil
    }
}

/// What a response's head announces: set on the transfer thread, read on the writer's queue.
private final class AnnouncedHead: Sendable {
    private struct State {
        var bytes: Int64?
        var claimsWebPage = false
        var isContinued = false
    }

    private let state = Mutex(State())

    var bytes: Int64? { state.withLock(\.bytes) }
    var claimsWebPage: Bool { state.withLock(\.claimsWebPage) }
    /// Whether the response brings the rest of the file.
    var isContinued: Bool { state.withLock(\.isContinued) }

    func record(_ response: ResponseHead, isContinued: Bool) {
        state.withLock { state in
            state.bytes = response["Content-Length"].flatMap { Int64($0) }
            state.claimsWebPage = response["Content-Type"]?.lowercased().contains("html") == true
            // Later heads of one transfer do not take it back.
            if isContinued { state.isContinued = true }
        }
    }
}
