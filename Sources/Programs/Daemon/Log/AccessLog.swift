// One line per request. It must not know what was asked for, only how it went.

import HTTPServer
import Logging

/// Writes the access log, in the form of every other line, but without the detour over swift-log's
/// dictionaries: at full rate that detour would cost a third of the requests.
struct AccessLog: ServerObserving {
    private let settings: Settings.Log
    private let sink: LogSink
    private let time: SystemTime

    /// `nil` where the level leaves out what the access log says.
    init?(_ settings: Settings.Log, sink: LogSink, time: SystemTime = SystemTime()) {
        guard settings.level <= .info else { return nil }
        self.settings = settings
        self.sink = sink
        self.time = time
    }

    func served(_ exchange: ServedExchange) {
        let (seconds, attoseconds) = exchange.duration.components
        let microseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
        var line = LogLine(
            settings.format, at: time.now, level: .info, label: "access", message: "served")
        line.add("bytes", number: String(exchange.bytesSent))
        line.add("duration_us", number: String(microseconds))
        line.add("method", exchange.method)
        line.add("peer", exchange.peer)
        line.add("request_id", exchange.id)
        line.add("status", number: String(exchange.status))
        line.add("target", exchange.target)
        sink.write(line.finished(), mayWait: true)
    }
}
