// One line per request. It must not know what was asked for, only how it went.

import HTTPServer
import Logging

/// Writes the access log, in the form of every other line, but without the detour over swift-log's
/// dictionaries: at full rate that detour would cost a third of the requests.
final class AccessLog: ServerObserving {
    private let sink: LogSink
    private let time: SystemTime
    private let format: LogFormat
    private let opening: LogLine.Opening
    private let bytes: LogLine.Name
    private let duration: LogLine.Name
    private let method: LogLine.Name
    private let peer: LogLine.Name
    private let requestID: LogLine.Name
    private let status: LogLine.Name
    private let target: LogLine.Name
    /// How long everything may be that is no text of a request.
    private let fixedBytesMax: Int

    /// `nil` where the level leaves out what the access log says.
    init?(_ settings: Settings.Log, sink: LogSink, time: SystemTime = SystemTime()) {
        guard settings.level <= .info else { return nil }
        self.sink = sink
        self.time = time
        format = settings.format
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

    func served(_ exchange: ServedExchange) {
        // The stack has room for nearly every line.
        let room = bytesMax(exchange)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: room) { memory in
            var line = OutputSpan(buffer: memory, initializedCount: 0)
            line.begin(opening, at: time.now)
            line.add(bytes, exchange.bytesSent)
            line.add(duration, exchange.microseconds)
            line.add(method, exchange.method)
            line.add(peer, exchange.peer)
            line.add(requestID, exchange.id)
            line.add(status, exchange.status)
            line.add(target, exchange.target)
            line.end(format)
            let count = line.finalize(for: memory)
            sink.write(UnsafeBufferPointer(rebasing: memory[..<count]), mayWait: true)
        }
    }

    private func bytesMax(_ exchange: ServedExchange) -> Int {
        fixedBytesMax + method.bytesMax(exchange.method) + peer.bytesMax(exchange.peer)
            + requestID.bytesMax(exchange.id) + target.bytesMax(exchange.target)
    }
}
