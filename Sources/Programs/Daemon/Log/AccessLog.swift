// One line per request. It must not know what was asked for, only how it went.

import Bytes
import HTTP
import HTTPServer
import Logging

/// Writes the access log, in the form of every other line, but without the detour over swift-log's
/// dictionaries: at full rate that detour would cost a third of the requests.
///
/// `@unchecked Sendable`: each loop has one of its own (``onLoop()``), confined to it.
final class AccessLog: ServerObserving, @unchecked Sendable {
    private let sink: LogSink
    private let lane: LogBuffer
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
        lane = sink.lane()
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
            let end = lane.secrets.cut(target, at: AccessLog.targetBytesMax)
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
            lane.write(
                UnsafeBufferPointer(rebasing: memory[..<count]), own: own, mayWait: true)
        }
    }
}
