// How log events become lines. It must not know where the lines go.

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
        var line = LogLine(self, at: moment, level: level, label: label, message: message)
        for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
            if case .stringConvertible(let number) = value,
                number is any BinaryInteger || number is Bool || number is Double
            {
                line.add(name, number: "\(number)")
            } else {
                line.add(name, "\(value)")
            }
        }
        return line.finished()
    }
}
