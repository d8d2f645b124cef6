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
    private var room = RoomSearch()
    @exclusivity(unchecked) private var unfinished: UnfinishedRequests
    /// What all connections have not sent of their answers, in bytes.
    @exclusivity(unchecked) private var unsentBytes = 0
    /// The same of each network that has not taken something.
    @exclusivity(unchecked) private var unsentBytesByNetwork: [UInt64?: Int] = [:]
    /// Whether requests are being given up: each that is changes what is held.
    @exclusivity(unchecked) private var isGivingUp = false
    @exclusivity(unchecked) private var draining: Draining?
    /// Whether the loop's listener still takes clients in: a drain does not end before.
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
        unfinished = UnfinishedRequests(bytesMax: settings.unfinishedBytesMaxPerLoop)
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
        _ terms: AnswerTerms, keepsOpen: Bool, identifier: String, to output: inout [UInt8]
    ) {
        encoder.setDate(WallClock.coarseSeconds)
        encoder.appendHead(
            status, headers, framing, terms, keepsOpen: keepsOpen, identifier: identifier,
            to: &output)
    }

    /// Writes the answer to what is refused before a request was understood.
    func append(
        _ rejection: Rejection, isHead: Bool, identifier: String, to output: inout [UInt8]
    ) {
        let body = rejection.body
        appendHead(
            rejection.status, rejection.response.headers, .length(body.count), AnswerTerms(),
            keepsOpen: false, identifier: identifier, to: &output)
        if !isHead { output.append(contentsOf: body) }
    }

    /// What a client is told for whom there is no place.
    static let full = Rejection(
        .serviceUnavailable, "The server has all the clients it can serve.")

    /// What a client is told whose request stays unfinished while others need the memory.
    static let overfull = Rejection(
        .serviceUnavailable,
        "Too many requests arrive at once. Send this one again, without pauses in it.")

    /// Answers 503 without making a connection of it, where there is no means for that: whether the
    /// answer arrives depends on when the client sends its request.
    func turnAwayAtOnce(_ stream: borrowing StreamSocket, peer: String) {
        let identifier = freshIdentifier()
        var answer: [UInt8] = []
        append(Workbench.full, isHead: false, identifier: identifier, to: &answer)
        _ = try? stream.send(answer.span.bytes)
        stream.finishSending()
        // A request that has arrived unread would make the kernel reset the connection, and might
        // destroy the answer.
        _ = try? stream.receive(into: readBuffer)
        let exchange = Exchange(peer: peer)
        exchange.begin(refused: nil, identifier: identifier, at: loop.now)
        exchange.status = Workbench.full.status.code
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
        count.giveBack(connection.place)
        finishDrainIfEmpty()
    }

    /// Closes the connection that has held its place for nothing the longest.
    ///
    /// - Parameter network: whose it has to be; `nil` for anybody's.
    /// - Returns: whether there was one.
    func makeRoom(of network: UInt64?) -> Bool {
        while let connection = room.next(of: network, among: connections.values, at: loop.now) {
            if connection.makeRoom() { return true }
        }
        return false
    }

    /// A connection holds more or less of unanswered requests than it did. Where all together hold
    /// too much, those of which nothing has arrived for the longest time are refused.
    func changeHolding(of connection: Connection, from old: Holding, to new: Holding) {
        unfinished.change(from: old, to: new)
        guard unfinished.isExceeded, !isGivingUp else { return }
        isGivingUp = true
        while unfinished.isExceeded,
            let oldest = unfinished.next(among: connections.values, latest: connection)
        {
            oldest.giveUpRequest()
        }
        isGivingUp = false
    }

    /// What a client is told whose answer would be too much beside those that others do not take.
    static let overloaded = Rejection(
        .serviceUnavailable,
        "More answers are under way than the server has memory for. Send the request again later.")

    /// A connection of a network has more or less to send than it had.
    func changeUnsent(by difference: Int, of network: UInt64?) {
        unsentBytes += difference
        let own = unsentBytesByNetwork[network, default: 0] + difference
        unsentBytesByNetwork[network] = own > 0 ? own : nil
    }

    /// Whether answers that wait for their clients take as much memory as they may, all together
    /// or those of a network: a half, so that a client that reads nothing leaves room for others.
    func isOverloaded(by network: UInt64?) -> Bool {
        let most = settings.unsentBytesMaxPerLoop
        return unsentBytes > most || unsentBytesByNetwork[network, default: 0] > most / 2
    }

    /// Whether an answer of this size to a network may be begun. A single one that is larger than
    /// all may be is let through where little else waits: it would never be otherwise.
    func hasRoom(forAnswer bytes: Int, to network: UInt64?) -> Bool {
        let most = settings.unsentBytesMaxPerLoop
        let own = unsentBytesByNetwork[network, default: 0]
        return bytes <= ServerSettings.smallAnswerBytes
            || unsentBytes + min(bytes, most / 2) <= most
                && own + min(bytes, most / 4) <= most / 2
    }

    /// The loop's listener has closed its socket.
    func stoppedListening() {
        isListening = false
        finishDrainIfEmpty()
    }

    /// Lets every connection finish what it is at, then ends the loop.
    func drain(until deadline: Moment, whenDone: @escaping @Sendable () -> Void) {
        room.forgetAll()
        unfinished.forgetAll()
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
