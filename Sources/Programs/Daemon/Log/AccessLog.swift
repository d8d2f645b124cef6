// One line per request. It must not know what was asked for, only how it went.

import HTTPServer
import Logging

/// Writes the access log.
struct AccessLog: ServerObserving {
    let logger: Logger

    func served(_ exchange: ServedExchange) {
        let (seconds, attoseconds) = exchange.duration.components
        let microseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
        logger.info(
            "served",
            metadata: [
                "request_id": "\(exchange.id)",
                "peer": "\(exchange.peer)",
                "method": "\(exchange.method)",
                "target": "\(exchange.target)",
                "status": .stringConvertible(exchange.status),
                "bytes": .stringConvertible(exchange.bytesSent),
                "duration_us": .stringConvertible(microseconds),
            ])
    }
}
