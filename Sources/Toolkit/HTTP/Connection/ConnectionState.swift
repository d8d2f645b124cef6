// The life of one connection as a pure state machine: keep-alive, pipelining in order,
// 100-continue, half-close, time-outs, drain.

/// Takes what happens on a connection and says what to do about it.
///
/// The owner reports events, then calls ``next(waiting:at:)`` and performs each action until there
/// is none. Requests are handed out one at a time: the next one is not even parsed before the
/// answer to the last one is complete, which keeps pipelined answers in order (RFC 9112 §9.3.2) and
/// the memory of a connection bounded.
///
/// Not copyable: it is large, and reading a property of a copyable one from another module would
/// copy the whole.
package struct ConnectionState: ~Copyable, Sendable {
    /// What the owner has to do.
    package enum Action: Sendable {
        /// Send `100 Continue`.
        case sendContinue
        /// Have the request answered, by the handler unless it is refused, then report
        /// ``ConnectionState/answered(closing:at:)``. It is ``ConnectionState/request`` until then.
        case respond
        /// Answer with the rejection; the connection will be closed.
        case refuse(Rejection)
        /// All output has been sent: end our direction, and go on reading.
        case finishSending
        /// Close; nothing unsent matters any more.
        case close
        /// Close at once with a RST: the peer takes nothing, or is cut off.
        case reset
    }

    /// How a connection ends before its time.
    enum Verdict: Hashable, Sendable {
        case refuse(Rejection)
        case close
        case reset
    }

    /// Where the connection is in its life.
    enum Phase: Hashable, Sendable {
        /// Waiting for a request, or in the middle of one.
        case receiving
        /// A handler is at work.
        case responding
        /// The last answer is being sent.
        case flushing
        /// Our direction has ended; what still arrives is read and thrown away, because closing
        /// with bytes unread may destroy the answer on its way (RFC 9112 §9.6).
        case lingering
        case closed
    }

    let rules: ConnectionRules
    var parser: RequestParser
    var phase = Phase.receiving
    /// What the last handed out request asks of its answer.
    private var requestedRules = ResponseRules()
    var served = 0
    var hasPeerFinished = false
    var isDraining = false
    /// Decided by a time-out, to be performed next.
    var overdue: Verdict?
    /// When the present wait began: since accepting, or since the last answer.
    var idleSince: Moment
    /// When the first byte of the head at hand was seen.
    var headSince: Moment?
    /// When its body was first waited for, and when something of it last arrived.
    var bodySince: Moment?
    var lastArrival: Moment
    /// Bytes of output that the kernel has not taken, and since when it has taken none.
    var outputBytes = 0
    var stalledSince: Moment?
    var lingerSince: Moment?
    var drainDeadline: Moment?

    package init(_ rules: ConnectionRules, at now: Moment) {
        self.rules = rules
        parser = RequestParser(rules)
        idleSince = now
        lastArrival = now
    }

    var limits: Limits { rules.limits }
    var spans: Spans { rules.spans }

    /// Whether to read from the connection.
    package var wantsInput: Bool {
        switch phase {
        case .receiving:
            !hasPeerFinished && outputBytes <= limits.outputBytesMax
                && parser.storage.buffer.count <= limits.unreadBytesMax
        case .lingering: !hasPeerFinished
        case .responding, .flushing, .closed: false
        }
    }

    /// What has been understood of a refused request, for its log line.
    package var refusedRequest: (method: String, target: String)? {
        parser.partial
    }

    /// Whether a refused request may not be answered with content.
    package var isRefusedHead: Bool { parser.isHead }

    /// The request that is to be answered.
    package var request: Request { Request(parser.storage.parts) }

    /// Why the handler is not asked although the message is in order: a method that no handler here
    /// knows, a host that is not ours to answer for.
    package var refusal: Rejection? { parser.refusal }

    /// Bytes have arrived.
    package mutating func received(_ bytes: UnsafeRawBufferPointer, at now: Moment) {
        lastArrival = now
        if phase == .receiving || phase == .responding { parser.append(bytes) }
    }

    /// The peer will send nothing more. It may still read: whole requests are answered.
    package mutating func peerFinished() {
        hasPeerFinished = true
    }

    /// The connection is gone in both directions.
    package mutating func broken() {
        if phase != .closed { overdue = .close }
    }

    /// The answer to the request at hand is complete, though perhaps not sent.
    ///
    /// - Parameter closing: whether it was the last one, for any reason.
    package mutating func answered(closing: Bool, at now: Moment) {
        precondition(phase == .responding, "an answer belongs to a request")
        idleSince = now
        phase = closing || !answerKeepsOpen ? .flushing : .receiving
    }

    /// Whether the connection will stay open after the answer to the request at hand: what its
    /// Connection field says.
    var answerKeepsOpen: Bool {
        requestedRules.keepsOpen && !isDraining && served < limits.requestsPerConnectionMax
    }

    /// How the answer to the request at hand has to look.
    package var responseRules: ResponseRules {
        var rules = requestedRules
        rules.keepsOpen = answerKeepsOpen
        return rules
    }

    /// How much output waits for the kernel now.
    ///
    /// - Parameter hasMoved: whether the kernel took some since the last report.
    package mutating func outputChanged(waiting bytes: Int, hasMoved: Bool, at now: Moment) {
        outputBytes = bytes
        if bytes == 0 {
            stalledSince = nil
        } else if hasMoved || stalledSince == nil {
            stalledSince = now
        }
    }

    /// The server stops: a request under way is finished, and so is what clients ask that did
    /// not know yet.
    package mutating func drain(at now: Moment) {
        isDraining = true
        drainDeadline = now.advanced(nanoseconds: spans.drainFirstByte)
        timePassed(to: now)
    }

    /// The server cannot serve the connection: to any request, the answer is the rejection.
    package mutating func failWaiters(_ rejection: Rejection) {
        overdue = .refuse(rejection)
    }

    /// What to do next; `nil` when there is nothing to do but wait for an event.
    ///
    /// - Parameter waiting: bytes of output that have not been handed to the kernel, for any
    ///   reason.
    package mutating func next(waiting: Int, at now: Moment) -> Action? {
        outputBytes = waiting
        if let overdue { return perform(overdue) }
        switch phase {
        case .receiving:
            return outputBytes > limits.outputBytesMax ? nil : nextRequest(at: now)
        case .flushing where outputBytes == 0:
            phase = .lingering
            lingerSince = now
            lastArrival = now
            return .finishSending
        case .lingering where hasPeerFinished:
            phase = .closed
            return .close
        case .responding, .flushing, .lingering, .closed:
            return nil
        }
    }

    private mutating func perform(_ verdict: Verdict) -> Action {
        overdue = nil
        phase = if case .refuse = verdict { .flushing } else { .closed }
        return switch verdict {
        case .refuse(let rejection): .refuse(rejection)
        case .close: .close
        case .reset: .reset
        }
    }

    private mutating func nextRequest(at now: Moment) -> Action? {
        // What every request ends in: there is nothing to parse.
        if parser.isIdle { return nextWithoutRequest(at: now) }
        switch parser.next() {
        case .incomplete:
            return nextWithoutRequest(at: now)
        case .expectsContinue:
            return .sendContinue
        case .refused(let rejection):
            phase = .flushing
            return .refuse(rejection)
        case .request:
            phase = .responding
            requestedRules = parser.responseRules
            served += 1
            headSince = nil
            bodySince = nil
            return .respond
        }
    }

    private mutating func nextWithoutRequest(at now: Moment) -> Action? {
        if parser.isIdle {
            headSince = nil
            guard hasPeerFinished else { return nil }
            endSilently(at: now)
            return next(waiting: outputBytes, at: now)
        }
        if hasPeerFinished {
            phase = .flushing
            return .refuse(.malformed("The connection ended before the request did."))
        }
        if headSince == nil { headSince = now }
        if parser.isInBody, bodySince == nil { bodySince = now }
        return nil
    }

    /// Ends a connection on which nothing is under way. An answer without a request could be
    /// taken for the answer to the next request.
    mutating func endSilently(at now: Moment) {
        // The last answer has been read long ago, if there was one: no need to linger for it.
        let pause = isDraining ? min(spans.drainIdle, spans.lingerPause) : spans.lingerPause
        let isSettled = served == 0 || idleSince.advanced(nanoseconds: pause) <= now
        if isSettled { overdue = .close } else { phase = .flushing }
    }
}

extension ConnectionState {
    /// How much a request that has not arrived as a whole takes, 0 without one, in bytes.
    package var arrivingBytes: Int {
        phase == .receiving && !parser.isIdle ? parser.storage.heldBytes : 0
    }

    /// How much has arrived behind the request that is being answered, in bytes.
    package var bufferedBytes: Int { parser.storage.buffer.heldBytes }

    /// When something of the request that has not arrived as a whole last came; `nil` without one.
    package var arrivingSince: Moment? {
        phase == .receiving && !parser.isIdle && overdue == nil ? lastArrival : nil
    }

    /// Gives the connection memory for what is about to arrive.
    package mutating func borrowStorage(from spare: inout ParserStorage) {
        if parser.isIdle { spare.lend(to: &parser.storage) }
    }

    /// Takes the memory back, unless a part of a request waits in it.
    package mutating func returnStorage(to spare: inout ParserStorage) {
        if parser.isIdle {
            spare.takeBack(from: &parser.storage)
        } else if phase != .receiving, phase != .responding {
            // It will not be read any more.
            parser.forget()
        }
    }

    /// The connection is closed: its memory goes, even while the connection is still referenced.
    package mutating func letGo() {
        parser.forget()
    }
}
