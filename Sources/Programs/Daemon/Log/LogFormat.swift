// How log events become lines. It must not know where the lines go.

import Bytes
import Datasets
import Logging

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
