// The access log: one line per request, with a bound on the lines of refused ones.

import Bytes
import Datasets
import HTTP
import HTTPServer
import Logging
import Posix
import Synchronization

/// Writes the access log, in the form of every other line, but without the detour over swift-log's
/// dictionaries: at full rate that detour would cost a third of the requests.
///
/// `@unchecked Sendable`: each loop has one of its own (``onLoop()``), confined to it.
final class AccessLog: ServerObserving, @unchecked Sendable {
    private let sink: LogSink
    private let buffer: LogBuffer
    private let time: SystemTime
    private let names: Names
    private let flood: RefusalFlood

    /// Bytes of a request's target in its line; a longer one is cut, with `...` behind it.
    private static let targetBytesMax = 200
    @exclusivity(unchecked) private var timeOfDay: TimeOfDay
    @exclusivity(unchecked) private var moment = MomentText()

    /// What is the same in all lines.
    private struct Names {
        let format: LogFormat
        let opening: LogLine.Opening
        let bytes: LogLine.Name
        let duration: LogLine.Name
        let method: LogLine.Name
        let peer: LogLine.Name
        let requestID: LogLine.Name
        let status: LogLine.Name
        let target: LogLine.Name
        /// How long everything may be that is no text of a request.
        let fixedBytesMax: Int

        init(_ format: LogFormat) {
            self.format = format
            opening = LogLine.Opening(format, level: .info, label: "access", message: "served")
            bytes = LogLine.Name("bytes", in: format)
            duration = LogLine.Name("duration_us", in: format)
            method = LogLine.Name("method", in: format)
            peer = LogLine.Name("peer", in: format)
            requestID = LogLine.Name("request_id", in: format)
            status = LogLine.Name("status", in: format)
            target = LogLine.Name("target", in: format)
            fixedBytesMax =
                opening.bytesMax + bytes.bytesMax + duration.bytesMax + status.bytesMax
                + LogLine.endBytesMax
        }
    }

    /// `nil` where the level leaves out what the access log says.
    convenience init?(_ settings: Settings.Log, sink: LogSink, time: SystemTime = SystemTime()) {
        guard settings.level <= .info else { return nil }
        self.init(Names(settings.format), sink, time, RefusalFlood(settings, sink: sink))
    }

    private init(_ names: Names, _ sink: LogSink, _ time: SystemTime, _ flood: RefusalFlood) {
        self.names = names
        self.sink = sink
        self.time = time
        self.flood = flood
        timeOfDay = TimeOfDay(time)
        buffer = sink.makeBuffer()
    }

    func onLoop() -> any ServerObserving {
        AccessLog(names, sink, time, flood)
    }

    func served(_ exchange: Exchange) {
        if RefusalFlood.isRefusal(exchange.status),
            !flood.allowsLine(atNanoseconds: exchange.ended.nanoseconds)
        {
            return
        }
        exchange.withTarget { target in
            guard target.count > AccessLog.targetBytesMax else {
                return write(exchange, target: target)
            }
            let end = buffer.secrets.cut(target, at: AccessLog.targetBytesMax)
            let cut = Array(target[..<end]) + "...".utf8
            cut.withUnsafeBufferPointer { write(exchange, target: $0) }
        }
    }

    private func write(_ exchange: Exchange, target: UnsafeBufferPointer<UInt8>) {
        let (method, peer, identifier) = (exchange.methodName, exchange.peer, exchange.identifier)
        let room =
            names.fixedBytesMax + names.method.bytesMax(plain: method)
            + names.peer.bytesMax(plain: peer)
            + names.requestID.bytesMax(plain: identifier) + names.target.bytesMax(target)
        // The stack has room for nearly every line.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: room) { memory in
            var line = OutputSpan(buffer: memory, initializedCount: 0)
            line.begin(names.opening)
            moment.write(timeOfDay.at(exchange.ended), to: &line)
            line.finishOpening(names.opening)
            line.add(names.bytes, exchange.bytesSent)
            line.add(names.duration, exchange.microseconds)
            let own = line.count
            line.add(names.method, plain: method)
            line.add(names.peer, plain: peer)
            line.add(names.requestID, plain: identifier)
            line.add(names.status, exchange.status)
            line.add(names.target, target)
            line.end(names.format)
            let count = line.finalize(for: memory)
            buffer.write(
                UnsafeBufferPointer(rebasing: memory[..<count]), own: own, mayWait: true)
        }
    }
}

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

/// The time of day at a known moment of the monotonic clock: reading the wall clock takes a
/// fiftieth of a request's time, and one reading each tenth of a second is enough to follow a clock
/// that is set.
struct TimeOfDay {
    /// How long one reading is valid, in nanoseconds.
    private static let validity: Int64 = 100_000_000

    private let time: SystemTime
    /// The last reading of the wall clock, and its moment.
    private var lastReading: (time: Timestamp, moment: Moment)?

    init(_ time: SystemTime) {
        self.time = time
    }

    /// The time at a moment that has just passed.
    mutating func at(_ moment: Moment) -> Timestamp {
        if let lastReading {
            let age = moment.nanoseconds - lastReading.moment.nanoseconds
            if (0..<TimeOfDay.validity).contains(age) {
                return Timestamp(microseconds: lastReading.time.microseconds + age / 1_000)
            }
        }
        let now = time.now
        lastReading = (now, moment)
        return now
    }
}

/// Writes moments as ``Timestamp/iso8601`` does; what is the same for all of one second is made
/// once.
struct MomentText {
    private static let microsecondsPerSecond: Int64 = 1_000_000

    private var second: Int64?
    /// `2025-11-13T10:20:30.`
    private var text: [UInt8] = []

    /// Writes a moment; there must be room for ``Timestamp/textBytesMax``.
    mutating func write(_ moment: Timestamp, to line: inout OutputSpan<UInt8>) {
        let (second, rest) = moment.microseconds.quotientAndRemainder(
            dividingBy: MomentText.microsecondsPerSecond)
        // Before 1970 seconds are counted backwards: no log is that old, but a clock may be.
        guard rest >= 0, second > 0 else { return moment.withISO8601 { line.append($0) } }
        if second != self.second {
            let start = Timestamp(microseconds: second * MomentText.microsecondsPerSecond)
            text = Array(start.iso8601.utf8.prefix { $0 != UInt8(ascii: ".") })
            text.append(UInt8(ascii: "."))
            self.second = second
        }
        line.append(text)
        line.append(decimal: Int(rest), digits: 6)
        line.append(UInt8(ascii: "Z"))
    }
}
