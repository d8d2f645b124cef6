// The log handler of swift-log, and the format of its lines.

import Bytes
import Datasets
import Logging

/// Formats events and hands them to the sink.
struct ServiceLogHandler: LogHandler {
    let label: String
    let format: LogFormat
    let sink: LogSink
    let time: SystemTime
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    /// A logger that writes to the sink.
    static func logger(_ label: String, settings: Settings.Log, sink: LogSink) -> Logger {
        Logger(label: label) { label in
            ServiceLogHandler(
                label: label, format: settings.format, sink: sink, time: SystemTime(),
                logLevel: settings.level)
        }
    }

    func log(event: LogEvent) {
        var fields = event.metadata ?? [:]
        if !metadata.isEmpty { fields.merge(metadata) { own, _ in own } }
        sink.write(
            format.line(
                at: time.now, level: event.level, label: label, message: event.message.description,
                metadata: fields),
            // Of what goes as it should there may be thousands of lines in a second.
            mayWait: event.level <= .info)
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }
}

/// How log lines look.
enum LogFormat: String, CaseIterable, Sendable {
    case text
    case json

    /// The line of an event, newline included; its fields in alphabetical order.
    func line(
        at moment: Timestamp, level: Logger.Level, label: String, message: String,
        metadata: Logger.Metadata
    ) -> [UInt8] {
        var fields = metadata.map { name, value in
            Field(name: name, text: LogFormat.text(of: value), isBare: LogFormat.isBare(value))
        }
        fields.sort { $0.name < $1.name }
        let opening = LogLine.openingBytesMax(label: label, message: message)
        let room = fields.reduce(opening + LogLine.endBytesMax) { room, field in
            room + LogLine.bytesMax(ofName: field.name) + LogLine.bytesMax(field.text)
        }
        return Array(capacity: room) { line in
            line.begin(self)
            moment.withISO8601 { line.append($0) }
            line.finishOpening(self, level: level, label: label, message: message)
            for field in fields {
                line.append(name: field.name, in: self)
                if field.isBare {
                    line.append(text: field.text)
                } else {
                    line.append(value: field.text, in: self)
                }
            }
            line.end(self)
        }
    }

    private struct Field {
        var name: String
        var text: String
        var isBare: Bool
    }

    private static func text(of value: Logger.Metadata.Value) -> String {
        if case .string(let text) = value { text } else { "\(value)" }
    }

    private static func isBare(_ value: Logger.Metadata.Value) -> Bool {
        guard case .stringConvertible(let value) = value else { return false }
        return value is any BinaryInteger || value is Bool || value is Double
    }
}
