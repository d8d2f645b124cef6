// How many lines refused requests may write: any client that reaches the port can make as many of
// them as the wire carries.

import Logging
import Posix
import Synchronization

/// Counts refused requests second by second, over all loops.
final class RefusalFlood: Sendable {
    /// Lines in a second. At some 300 bytes each they fill a file of 32 MiB in half an hour, and no
    /// person makes as many mistakes.
    static let linesPerSecondMax = 50
    private static let second: Int64 = 1_000_000_000

    private struct State {
        var second: Int64 = 0
        var lines = 0
        var leftOut = 0
    }

    private let state = Mutex(State())
    private let sink: LogSink
    private let logger: Logger

    init(_ settings: Settings.Log, sink: LogSink) {
        self.sink = sink
        logger = ServiceLogHandler.logger("access", settings: settings, sink: sink)
    }

    /// Whether a request with this status is one that took no work but to refuse it.
    static func isRefusal(_ status: Int) -> Bool {
        (400..<500).contains(status) || status == 503
    }

    /// Whether one more refused request, at a moment of the monotonic clock, may have its line. The
    /// number of those that may not is logged a second later.
    func allowsLine(atNanoseconds moment: Int64) -> Bool {
        let second = moment / RefusalFlood.second
        let (allows, isFirst) = state.withLock { state in
            if second != state.second { (state.second, state.lines) = (second, 0) }
            guard state.lines >= RefusalFlood.linesPerSecondMax else {
                state.lines += 1
                return (true, false)
            }
            state.leftOut += 1
            return (false, state.leftOut == 1)
        }
        if isFirst { sink.after(seconds: 1) { [self] in report() } }
        return allows
    }

    private func report() {
        let leftOut = state.withLock { state in
            defer { state.leftOut = 0 }
            return state.leftOut
        }
        logger.warning(
            "left lines of refused requests out",
            metadata: ["lines": .stringConvertible(leftOut)])
    }
}
