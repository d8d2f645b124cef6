// One connection: performs what its state machine decides.

import HTTP
import Posix

/// A client's connection, from accept to close.
///
/// `@unchecked Sendable`: confined to its loop's thread; tasks that answer requests run there too.
final class Connection: Watching, @unchecked Sendable {
    let context: LoopContext
    /// What it takes of all connections that there may be.
    let slot: ConnectionCount.Slot
    @exclusivity(unchecked) private var socket: StreamSocket?
    @exclusivity(unchecked) private var token: WatcherTable.Token?
    @exclusivity(unchecked) private var interest = Epoll.Interest.arrivals
    @exclusivity(unchecked) var state: ConnectionState
    @exclusivity(unchecked) var output = OutputQueue()
    /// The request being answered.
    let exchange: Exchange
    /// The handler at work, once it has suspended: cancelled when the connection goes away.
    @exclusivity(unchecked) private var task: Task<Void, Never>?
    /// Streams that wait until the client has read more.
    @exclusivity(unchecked) var waiters: [CheckedContinuation<Void, any Error>] = []
    /// Whether ``turn()`` is at work: what a handler that answers at once causes is done there.
    @exclusivity(unchecked) private(set) var isTurning = false
    /// Whether to end with a RST where others end with a FIN.
    @exclusivity(unchecked) var endsWithReset = false
    /// Whether the connection stays open after the file that is being sent.
    @exclusivity(unchecked) var keepsOpenAfterFile = false
    /// What the context knows that this holds.
    @exclusivity(unchecked) var heldBytes = HeldBytes()

    init(
        _ socket: consuming StreamSocket, peer: String, slot: ConnectionCount.Slot,
        context: LoopContext
    ) throws(SystemError) {
        self.context = context
        exchange = Exchange(peer: peer)
        self.slot = slot
        state = ConnectionState(context.rules, at: context.loop.now)
        let number = socket.number
        self.socket = consume socket
        do throws(SystemError) {
            token = try context.loop.watch(number, interest: .arrivals, self)
        } catch {
            // Out of kernel memory. The client is told why its connection ends.
            if let socket = self.socket.take() { context.turnAwayAtOnce(socket, peer: peer) }
            throw error
        }
        settle()
    }

    /// Whether the client can still be reached.
    var isOpen: Bool { token != nil }

    func ready(_ event: Epoll.Event) {
        if event.isReadable, state.wantsInput {
            receive()
            // An edge is told once: where an end or an error is left behind the bytes, ask again.
            if event.isLastArrival || event.isBroken, state.wantsInput { rearm() }
        } else if event.isBroken {
            state.broken()
        } else if event.isReadable {
            // Told although nothing is wanted: not again until it is.
            setInterest(interest.subtracting(.arrivals))
        }
        turn()
    }

    func due() {
        hearBeforeEnd()
        state.timePassed(to: context.loop.now)
        turn()
    }

    /// Performs what the state decides until nothing is left to do but wait.
    func turn() {
        context.loop.assertCurrent()
        guard !isTurning, isOpen else { return }
        isTurning = true
        output.borrowStorage(from: &context.spareOutput)
        let isUnfinished = performActions()
        output.returnStorage(to: &context.spareOutput)
        state.returnStorage(to: &context.spareStorage)
        isTurning = false
        settle()
        if isUnfinished, isOpen { context.loop.postpone { self.turn() } }
        updateHeldBytes()
    }

    /// - Returns: whether the turn ended for the sake of other connections.
    private func performActions() -> Bool {
        var requests = 0
        var hasActed = true
        while hasActed, isOpen {
            hasActed = false
            while isOpen, requests < context.settings.limits.requestsPerTurnMax,
                let action = state.next(waiting: output.count, at: context.loop.now)
            {
                hasActed = true
                if perform(action) { requests += 1 }
            }
            // What has been sent may be what the state has waited for.
            if flush() { hasActed = true }
            if requests >= context.settings.limits.requestsPerTurnMax { return true }
        }
        return false
    }

    /// - Returns: whether a request was begun.
    private func perform(_ action: ConnectionState.Action) -> Bool {
        switch action {
        case .respond:
            start()
            return true
        case .sendContinue:
            output.append(ResponseEncoder.continueLine)
        case .refuse(let rejection):
            refuse(rejection)
        case .finishSending:
            if endsWithReset { close(withReset: true) } else { socket?.finishSending() }
        case .close:
            close(withReset: false)
        case .reset:
            close(withReset: true)
        }
        return false
    }

    /// Hands on what has arrived.
    func receive() {
        do throws(SystemError) {
            guard let count = try socket?.receive(into: context.readBuffer) else { return }
            if count == 0 {
                state.peerFinished()
            } else {
                let bytes = UnsafeRawBufferPointer(rebasing: context.readBuffer[0..<count])
                state.borrowStorage(from: &context.spareStorage)
                state.received(bytes, at: context.loop.now)
                // No edge tells of what did not fit.
                if count == context.readBuffer.count { rearm() }
            }
        } catch {
            state.broken()
        }
    }

    /// Sends what the kernel takes, and lets streams go on that waited for it.
    ///
    /// - Returns: whether it took anything.
    @discardableResult
    func flush() -> Bool {
        guard isOpen, !output.isEmpty, output.missing == nil else { return false }
        let hadFile = output.hasFile
        do throws(SystemError) {
            let hasMoved = try sendOutput()
            state.outputChanged(
                waiting: output.count, hasMoved: hasMoved, at: context.loop.now)
            if output.count <= context.settings.limits.outputBytesMax / 2 { resumeWaiters() }
            guard hadFile else { return hasMoved }
            // While a file is under way no request is begun: nothing else has waited for this.
            return finishFile()
        } catch {
            state.broken()
            return true
        }
    }

    private func sendOutput() throws(SystemError) -> Bool {
        switch socket {
        case .some(let socket): try output.send(on: socket)
        case .none: false
        }
    }

    private func resumeWaiters() {
        guard !waiters.isEmpty else { return }
        let resumed = waiters
        waiters = []
        for waiter in resumed { waiter.resume() }
    }

    /// Brings what epoll and the wheel know up to date.
    private func settle() {
        guard isOpen, !isTurning, let token else { return }
        // Reading is switched off only when an unwanted event comes: most handlers answer
        // before that, and two system calls are saved.
        let reads = state.wantsInput || interest.contains(.readable)
        if output.isEmpty || output.missing != nil {
            setInterest(reads ? .arrivals : [])
        } else {
            // A file leaves piece by piece: while there is room for the next, it is told again.
            setInterest(reads ? [.readable, .writable] : .writable)
        }
        context.loop.schedule(token, at: state.deadline)
    }

    private func setInterest(_ wanted: Epoll.Interest) {
        guard wanted != interest else { return }
        interest = wanted
        rearm()
    }

    /// Has epoll look at the socket anew, for all that is wanted of it.
    private func rearm() {
        guard let token, let number = socket?.number else { return }
        do throws(SystemError) {
            try context.loop.change(number, interest: interest, token)
        } catch {
            // Out of kernel memory: without events the connection would hang for ever.
            close(withReset: true)
        }
    }

    /// Ends the connection and everything that depends on it.
    func close(withReset: Bool) {
        guard let token else { return }
        self.token = nil
        if withReset { socket?.resetOnClose() }
        context.loop.forget(token)
        socket = nil
        task?.cancel()
        task = nil
        let cutOff = waiters
        waiters = []
        for waiter in cutOff { waiter.resume(throwing: ConnectionGone()) }
        // What the kernel has not taken was not sent.
        exchange.bytesSent -= min(output.count, exchange.bytesSent)
        output.discard()
        report(wasCut: true)
        state.letGo()
        updateHeldBytes()
        context.remove(self)
    }
}

extension Connection {
    /// Has the handler answer: at once, or in a task that runs inline as long as it does not
    /// suspend.
    private func start() {
        let request = state.request
        let identifier = context.identifier(for: request)
        request.identify(id: identifier, peer: exchange.peer)
        exchange.begin(request, identifier: identifier, at: context.loop.now)
        let number = exchange.number
        if let refusal = state.refusal {
            sendWhole(refusal.response, refusal.body, for: number)
            return
        }
        switch context.handler.begin(request) {
        case .ready(let response):
            if !sendAtOnce(response, for: number) { run(for: number) { response } }
        case .later(let respond):
            run(for: number, respond)
        }
    }

    private func run(
        for number: Exchange.Number, _ respond: @escaping @Sendable () async -> Response
    ) {
        let task = Task.immediate(executorPreference: context.loop) {
            await self.send(await respond(), for: number)
        }
        if isAnswering(number) { self.task = task }
    }

    /// Whether an exchange is still the one at hand.
    func isAnswering(_ number: Exchange.Number) -> Bool {
        exchange.isOpen && exchange.number == number
    }

    /// The answer is complete, or never will be.
    func finish(_ number: Exchange.Number, closing: Bool, wasCut: Bool = false) {
        guard isAnswering(number) else { return }
        task = nil
        report(wasCut: wasCut)
        state.answered(closing: closing, at: context.loop.now)
        turn()
    }

    /// Tells the observer of the exchange at hand, and forgets it.
    func report(wasCut: Bool) {
        guard exchange.isOpen else { return }
        exchange.served(wasCut: wasCut)
        context.observer?.served(exchange)
        exchange.end()
    }
}
