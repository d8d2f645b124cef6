// The connection's deadlines: which one applies, and what happens when it passes. It must not know
// a clock: every moment is passed in.

extension ConnectionState {
    /// The time-outs in nanoseconds, converted once.
    struct Spans: Sendable {
        let head: Int64
        let bodyGrace: Int64
        let bodyNanosecondsPerByte: Int64
        let bodyPause: Int64
        let idle: Int64
        let writeStall: Int64
        let linger: Int64
        let lingerPause: Int64
        let drainFirstByte: Int64

        init(_ timeouts: Timeouts) {
            head = timeouts.head.nanoseconds
            bodyGrace = timeouts.bodyGrace.nanoseconds
            bodyNanosecondsPerByte = 1_000_000_000 / Int64(max(1, timeouts.bodyBytesPerSecondMin))
            bodyPause = timeouts.bodyPause.nanoseconds
            idle = timeouts.idle.nanoseconds
            writeStall = timeouts.writeStall.nanoseconds
            linger = timeouts.linger.nanoseconds
            lingerPause = timeouts.lingerPause.nanoseconds
            drainFirstByte = timeouts.drainFirstByte.nanoseconds
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
                bodySince.advanced(nanoseconds: spans.bodyGrace).advanced(nanoseconds: earned),
                lastArrival.advanced(nanoseconds: spans.bodyPause))
        }
        if let headSince { return headSince.advanced(nanoseconds: spans.head) }
        let idle = idleSince.advanced(nanoseconds: served == 0 ? spans.head : spans.idle)
        return min(idle, drainDeadline ?? idle)
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
