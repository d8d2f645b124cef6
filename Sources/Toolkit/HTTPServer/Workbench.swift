// What the connections of one event loop share: the handler, the encoder, buffers, and the list of
// themselves. It must not know how a connection works.

import Dispatch
import HTTP
import Posix

/// One loop's share of a server.
///
/// `@unchecked Sendable`: confined to the loop's thread, but for the constants.
final class Workbench: @unchecked Sendable {
    let loop: EventLoop
    let settings: ServerSettings
    let handler: any Handler
    let observer: (any ServerObserving)?
    let count: ConnectionCount
    /// Where bytes are received into: one buffer for all, because a connection takes what it needs
    /// out of it at once. 64 KiB is what the kernel hands out in one call at the most on loopback.
    let readBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
    /// Storage for answers that leave at once, lent to the connection that is at work: idle
    /// connections hold none.
    var spareOutput: [UInt8] = []
    /// Where files are read that are not in memory, one after the other: the loop must not wait for
    /// the disk, and those that wait here can only wait for one another.
    private let disk: DispatchQueue
    private(set) var encoder: ResponseEncoder
    private var identifiers = RequestIdentifiers()
    private var connections: [ObjectIdentifier: Connection] = [:]
    private var draining: Draining?

    /// What a drain under way has to do in the end.
    private struct Draining {
        var timer: WatcherTable.Token
        var deadline: Moment
        var whenDone: @Sendable () -> Void
    }

    init(
        loop: EventLoop, settings: ServerSettings, handler: any Handler,
        observer: (any ServerObserving)?, count: ConnectionCount
    ) {
        self.loop = loop
        self.settings = settings
        self.handler = handler
        self.observer = observer
        self.count = count
        disk = DispatchQueue(label: "http-disk")
        encoder = ResponseEncoder(
            commonHeaders: settings.commonHeaders, identifierHeader: settings.requestIDHeader)
    }

    deinit {
        readBuffer.deallocate()
    }

    /// Sets the encoder's clock; called before an answer is begun.
    func setClock() {
        encoder.setDate(WallClock.coarseSeconds)
    }

    /// Writes the answer to what is refused before a request was understood.
    func append(
        _ rejection: Rejection, isHead: Bool, identifier: String, to output: inout [UInt8]
    ) {
        let body = rejection.body
        setClock()
        encoder.appendHead(
            rejection.status, rejection.response.headers, .length(body.count), AnswerTerms(),
            keepsOpen: false, identifier: identifier, to: &output)
        if !isHead { output.append(contentsOf: body) }
    }

    /// A request's id: the client's own, where it is fit to be written into logs.
    func identifier(for headers: Headers) -> String {
        if let own = headers[settings.requestIDHeader], RequestIdentifiers.isFit(own) {
            return own
        }
        return identifiers.next()
    }

    /// An id for an answer without a request.
    func freshIdentifier() -> String { identifiers.next() }

    /// Brings a part of a file into memory, then does something on the loop.
    func fetch(_ region: FileRegion, then next: @escaping @Sendable () -> Void) {
        disk.async {
            FilePages.fetch(region.number, region.range)
            self.loop.perform(next)
        }
    }

    func add(_ connection: Connection) {
        connections[ObjectIdentifier(connection)] = connection
        if draining != nil { connection.drain() }
    }

    func remove(_ connection: Connection) {
        connections[ObjectIdentifier(connection)] = nil
        count.giveBack()
        finishDrainIfEmpty()
    }

    /// Lets every connection finish what it is at, then ends the loop.
    func drain(until deadline: Moment, whenDone: @escaping @Sendable () -> Void) {
        draining = Draining(timer: loop.watch(self), deadline: deadline, whenDone: whenDone)
        loop.schedule(draining!.timer, at: deadline)
        for connection in Array(connections.values) { connection.drain() }
        finishDrainIfEmpty()
    }

    private func finishDrainIfEmpty() {
        guard connections.isEmpty, let draining else { return }
        self.draining = nil
        loop.forget(draining.timer)
        loop.stop(then: draining.whenDone)
    }
}

extension Workbench: Watching {
    func ready(_ event: Epoll.Event) {}

    /// The drain's deadline may have passed: what is left is cut.
    func due() {
        guard let draining else { return }
        guard draining.deadline <= loop.now else {
            loop.schedule(draining.timer, at: draining.deadline)
            return
        }
        for connection in Array(connections.values) { connection.cut() }
    }
}
