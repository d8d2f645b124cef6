// What the connections of one event loop share: handler, encoder, buffers, their list, and the
// drain.

import Dispatch
import HTTP
import Posix

/// One loop's share of a server.
///
/// `@unchecked Sendable`: confined to the loop's thread, but for the constants.
final class LoopContext: @unchecked Sendable {
    let loop: EventLoop
    let settings: ServerSettings
    let rules: ConnectionRules
    let handler: any Handler
    let observer: (any ServerObserving)?
    let count: ConnectionCount
    private let requestIDHeader: FieldName
    /// Where bytes are received into: one buffer for all, because a connection takes what it needs
    /// out of it at once.
    let readBuffer: UnsafeMutableRawBufferPointer
    /// Storage for answers that leave at once, lent to the connection that is at work: idle
    /// connections hold none.
    @exclusivity(unchecked) var spareOutput: [UInt8] = []
    /// Storage for requests, lent in the same way.
    @exclusivity(unchecked) var spareStorage = ParserStorage()
    @exclusivity(unchecked) private var encoder: ResponseEncoder
    @exclusivity(unchecked) private var identifiers = RequestIdentifiers()
    @exclusivity(unchecked) private var connections: [ObjectIdentifier: Connection] = [:]
    /// Finds connections to close in favour of new ones.
    private var idleConnections = IdleConnectionEvictor()
    /// Finds connections whose requests to refuse in favour of others that need memory.
    private var stalledRequests = IdleConnectionEvictor()
    @exclusivity(unchecked) private var memory: LoopMemory
    /// Whether requests are being refused for memory: each that is changes what is held.
    private var isRefusing = false
    @exclusivity(unchecked) private var draining: Draining?
    /// Whether the loop's listener still accepts clients: a drain does not end before it stops.
    private var isListening = true
    /// Where files are read that are not in memory, one after the other: the loop must not wait for
    /// the disk, and those that wait here can only wait for one another.
    private let disk: DispatchQueue

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
        rules = ConnectionRules(limits: settings.limits, timeouts: settings.timeouts)
        self.handler = handler
        self.observer = observer?.onLoop()
        self.count = count
        requestIDHeader = settings.requestIDHeader
        readBuffer = .allocate(byteCount: settings.limits.receiveBytesMax, alignment: 16)
        memory = LoopMemory(settings)
        // Touched now, the memory is the loop's own; else the first large request would seem to
        // cost as much more.
        readBuffer.initializeMemory(as: UInt8.self, repeating: 0)
        disk = DispatchQueue(label: "http-disk")
        encoder = ResponseEncoder(
            commonHeaders: settings.commonHeaders, identifierHeader: settings.requestIDHeader)
    }

    deinit {
        readBuffer.deallocate()
    }

    /// Writes the head of an answer.
    func appendHead(
        _ status: Status, _ headers: Headers, _ framing: ResponseEncoder.Framing,
        _ rules: ResponseRules, keepsOpen: Bool, identifier: String, to output: inout [UInt8]
    ) {
        encoder.setDate(WallClock.coarseSeconds)
        encoder.appendHead(
            status, headers, framing, rules, keepsOpen: keepsOpen, identifier: identifier,
            to: &output)
    }

    /// Writes the answer to what is refused before a request was understood.
    func append(
        _ rejection: Rejection, isHead: Bool, identifier: String, to output: inout [UInt8]
    ) {
        let body = rejection.body
        appendHead(
            rejection.status, rejection.response.headers, .length(body.count), ResponseRules(),
            keepsOpen: false, identifier: identifier, to: &output)
        if !isHead { output.append(contentsOf: body) }
    }

    /// The answer to a client beyond the bound of connections.
    static let full = Rejection(
        .serviceUnavailable, "The server has all the clients it can serve.")

    /// The answer to a request that stays unfinished while others need the memory.
    static let stalled = Rejection(
        .serviceUnavailable,
        "Too many requests arrive at once. Send this one again, without pauses in it.")

    /// The answer in place of one that would be too much beside those that clients do not take.
    static let overloaded = Rejection(
        .serviceUnavailable,
        "More answers are under way than the server has memory for. Send the request again later.")

    /// Answers 503 without making a connection of it, where there is no means for that: whether the
    /// answer arrives depends on when the client sends its request.
    func turnAwayAtOnce(_ stream: borrowing StreamSocket, peer: String) {
        let identifier = freshIdentifier()
        var answer: [UInt8] = []
        append(LoopContext.full, isHead: false, identifier: identifier, to: &answer)
        _ = try? stream.send(answer.span.bytes)
        stream.finishSending()
        // A request that has arrived unread would make the kernel reset the connection, and might
        // destroy the answer.
        _ = try? stream.receive(into: readBuffer)
        let exchange = Exchange(peer: peer)
        exchange.begin(refused: nil, identifier: identifier, at: loop.now)
        exchange.status = LoopContext.full.status.code
        exchange.bytesSent = answer.count
        exchange.served(wasCut: false)
        observer?.served(exchange)
    }

    /// A request's id: the client's own, where it is fit to be written into logs.
    func identifier(for request: Request) -> String {
        if let own = request.value(of: requestIDHeader), RequestIdentifiers.isFit(own) {
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
        count.release(connection.slot)
        finishDrainIfEmpty()
    }

    /// Closes the connection that has been idle longest.
    ///
    /// - Parameter network: whose it has to be; `nil` for any client's.
    /// - Returns: whether there was one.
    func evictIdle(of network: UInt64?) -> Bool {
        let now = loop.now
        while let connection = idleConnections.next(
            of: network, among: connections.values, at: now, since: { $0.wasteSince(at: now) })
        {
            if connection.closeIfIdle() { return true }
        }
        return false
    }

    /// As ``evictIdle(of:)``, on behalf of another loop.
    func evictIdleForOthers(of network: UInt64?) async {
        await withCheckedContinuation { continuation in
            loop.perform {
                _ = self.evictIdle(of: network)
                continuation.resume()
            }
        }
    }

    /// A connection holds more or less memory than it did. Where requests without an answer hold
    /// too much together, those of which nothing has arrived for the longest time are refused; of
    /// two that received at the same time, the given one is the later.
    func changeHeldBytes(of connection: Connection, from old: HeldBytes, to new: HeldBytes) {
        memory.change(from: old, to: new, of: connection.network)
        guard memory.isUnfinishedExceeded, !isRefusing else { return }
        isRefusing = true
        while memory.isUnfinishedExceeded,
            let oldest = stalledRequests.next(
                among: connections.values, at: loop.now,
                since: { other in
                    other.arrivingSince.map { other === connection ? $0 + .nanoseconds(1) : $0 }
                })
        {
            oldest.refuseStalledRequest()
        }
        isRefusing = false
    }

    /// See ``LoopMemory/isUnsentExceeded(by:)``.
    func isOverloaded(by network: UInt64?) -> Bool { memory.isUnsentExceeded(by: network) }

    /// See ``LoopMemory/hasFreeSpace(forAnswer:to:)``.
    func hasFreeSpace(forAnswer bytes: Int, to network: UInt64?) -> Bool {
        memory.hasFreeSpace(forAnswer: bytes, to: network)
    }

    /// The loop's listener has closed its socket.
    func stoppedListening() {
        isListening = false
        finishDrainIfEmpty()
    }

    /// Lets every connection finish what it is at, then ends the loop.
    func drain(until deadline: Moment, whenDone: @escaping @Sendable () -> Void) {
        idleConnections.forgetAll()
        stalledRequests.forgetAll()
        draining = Draining(timer: loop.watch(self), deadline: deadline, whenDone: whenDone)
        loop.schedule(draining!.timer, at: deadline)
        for connection in Array(connections.values) { connection.drain() }
        finishDrainIfEmpty()
    }

    private func finishDrainIfEmpty() {
        guard connections.isEmpty, !isListening, let draining else { return }
        self.draining = nil
        loop.forget(draining.timer)
        loop.stop(then: draining.whenDone)
    }
}

extension LoopContext: Watching {
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
