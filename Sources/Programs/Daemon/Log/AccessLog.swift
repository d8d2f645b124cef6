// One line per request. It must not know what was asked for, only how it went.

import HTTPServer
import Logging

/// Writes the access log, in the form of every other line, but without the detour over swift-log's
/// dictionaries: at full rate that detour would cost a third of the requests.
struct AccessLog: ServerObserving {
    private let sink: LogSink
    private let time: SystemTime
    private let opening: LogLine.Opening
    private let bytes: LogLine.Name
    private let duration: LogLine.Name
    private let method: LogLine.Name
    private let peer: LogLine.Name
    private let requestID: LogLine.Name
    private let status: LogLine.Name
    private let target: LogLine.Name

    /// `nil` where the level leaves out what the access log says.
    init?(_ settings: Settings.Log, sink: LogSink, time: SystemTime = SystemTime()) {
        guard settings.level <= .info else { return nil }
        self.sink = sink
        self.time = time
        let format = settings.format
        opening = LogLine.Opening(format, level: .info, label: "access", message: "served")
        bytes = LogLine.Name("bytes", in: format)
        duration = LogLine.Name("duration_us", in: format)
        method = LogLine.Name("method", in: format)
        peer = LogLine.Name("peer", in: format)
        requestID = LogLine.Name("request_id", in: format)
        status = LogLine.Name("status", in: format)
        target = LogLine.Name("target", in: format)
    }

    func served(_ exchange: ServedExchange) {
        let (seconds, attoseconds) = exchange.duration.components
        var line = LogLine(opening, at: time.now)
        line.add(bytes, exchange.bytesSent)
        line.add(duration, Int(seconds * 1_000_000 + attoseconds / 1_000_000_000_000))
        line.add(method, exchange.method)
        line.add(peer, exchange.peer)
        line.add(requestID, exchange.id)
        line.add(status, exchange.status)
        line.add(target, exchange.target)
        sink.write(line.finished(), mayWait: true)
    }
}
