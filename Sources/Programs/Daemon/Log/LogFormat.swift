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
        let opening = LogLine.Opening(self, level: level, label: label, message: message)
        var line = LogLine(opening, at: moment)
        for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
            let name = LogLine.Name(name, in: self)
            if case .stringConvertible(let number) = value,
                number is any BinaryInteger || number is Bool || number is Double
            {
                line.add(name, bare: "\(number)")
            } else {
                line.add(name, "\(value)")
            }
        }
        return line.finished()
    }
}
