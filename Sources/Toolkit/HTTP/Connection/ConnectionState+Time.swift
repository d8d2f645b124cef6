// The connection's deadlines: which one applies, and what happens when it passes.

extension ConnectionState {
    /// The time-outs in nanoseconds, converted once.
    struct Spans: Sendable {
        let firstByte: Int64
        let head: Int64
        let body: Int64
        let bodyGrace: Int64
        let bodyNanosecondsPerByte: Int64
        let bodyPause: Int64
        let idle: Int64
        let writeStall: Int64
        let linger: Int64
        let lingerPause: Int64
        let drainFirstByte: Int64
        let drainIdle: Int64
        let roomGrace: Int64

        init(_ timeouts: Timeouts) {
            firstByte = timeouts.firstByte.nanoseconds
            head = timeouts.head.nanoseconds
            body = timeouts.body.nanoseconds
            bodyGrace = timeouts.bodyGrace.nanoseconds
            bodyNanosecondsPerByte = 1_000_000_000 / Int64(max(1, timeouts.bodyBytesPerSecondMin))
            bodyPause = timeouts.bodyPause.nanoseconds
            idle = timeouts.idle.nanoseconds
            writeStall = timeouts.writeStall.nanoseconds
            linger = timeouts.linger.nanoseconds
            lingerPause = timeouts.lingerPause.nanoseconds
            drainFirstByte = timeouts.drainFirstByte.nanoseconds
            drainIdle = timeouts.drainIdle.nanoseconds
            roomGrace = timeouts.roomGrace.nanoseconds
        }
    }

    /// When to call ``timePassed(to:)``; `nil` while nothing is waited for but the handler.
    package var deadline: Moment? {
        let stall = stalledSince?.advanced(nanoseconds: spans.writeStall)
        guard let wait = waitDeadline else { return stall }
        return min(wait, stall ?? wait)
    }

    private var waitDeadline: Moment? {
        switch phase {
        case .receiving: outputBytes > limits.outputBytesMax ? nil : receiveDeadline
        case .lingering:
            min(
                (lingerSince ?? lastArrival).advanced(nanoseconds: spans.linger),
                lastArrival.advanced(nanoseconds: spans.lingerPause))
        case .responding, .flushing, .closed: nil
        }
    }

    private var receiveDeadline: Moment {
        if let bodySince {
            // The minimum rate after the grace, as a deadline that each byte moves on.
            let earned = Int64(parser.bodyBytes) * spans.bodyNanosecondsPerByte
            return min(
                bodySince.advanced(nanoseconds: spans.body),
                bodySince.advanced(nanoseconds: spans.bodyGrace).advanced(nanoseconds: earned),
                lastArrival.advanced(nanoseconds: spans.bodyPause))
        }
        if let headSince { return headSince.advanced(nanoseconds: spans.head) }
        if served == 0 {
            let first = idleSince.advanced(nanoseconds: spans.firstByte)
            return min(first, drainDeadline ?? first)
        }
        let idle = isDraining ? min(spans.idle, spans.drainIdle) : spans.idle
        return idleSince.advanced(nanoseconds: idle)
    }

    /// Since when the connection has held its place for nothing, so that it may be closed to make
    /// room for another; `nil` when it has not. See ``Timeouts/roomGrace``.
    package func wasteSince(at now: Moment) -> Moment? {
        guard phase == .receiving, bodySince == nil, outputBytes == 0 else { return nil }
        if served > 0, parser.isIdle { return idleSince }
        let since = headSince ?? idleSince
        return since.advanced(nanoseconds: spans.roomGrace) <= now ? since : nil
    }

    /// Time has passed. Nothing happens before the ``deadline``; after it the next action ends
    /// what has taken too long.
    package mutating func timePassed(to now: Moment) {
        guard let deadline, deadline <= now, overdue == nil else { return }
        if let stalledSince, stalledSince.advanced(nanoseconds: spans.writeStall) <= now {
            overdue = .reset
            return
        }
        switch phase {
        case .receiving where parser.isIdle:
            endSilently(at: now)
        case .receiving:
            overdue = .refuse(
                Rejection(.requestTimeout, "The request took too long to arrive."))
        case .lingering:
            overdue = .close
        case .responding, .flushing, .closed:
            break
        }
    }
}
