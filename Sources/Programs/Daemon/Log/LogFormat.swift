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
        let opening = LogLine.Opening(self, level: level, label: label, message: message)
        let fields = metadata.sorted { $0.key < $1.key }.map { name, value in
            Field(
                name: LogLine.Name(name, in: self), text: LogFormat.text(of: value),
                isBare: LogFormat.isBare(value))
        }
        let room = fields.reduce(opening.bytesMax + LogLine.endBytesMax) { room, field in
            room + field.name.bytesMax(field.text)
        }
        return Array(capacity: room) { line in
            line.begin(opening)
            moment.withISO8601 { line.append($0) }
            line.finishOpening(opening)
            for field in fields {
                if field.isBare {
                    line.add(field.name, bare: field.text)
                } else {
                    line.add(field.name, field.text)
                }
            }
            line.end(self)
        }
    }

    private struct Field {
        var name: LogLine.Name
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
