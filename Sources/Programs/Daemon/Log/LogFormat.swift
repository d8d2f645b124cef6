// One log line per event, as text for people or as JSON for machines; every value escaped, so that
// nothing a peer sends can forge a line (CWE-117).

import Datasets
import Logging

/// How log lines look.
enum LogFormat: String, CaseIterable, Sendable {
    case text
    case json

    /// One line, newline included.
    func line(
        at moment: Timestamp, level: Logger.Level, label: String, message: String,
        metadata: Logger.Metadata
    ) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(256)
        let fields = metadata.sorted { $0.key < $1.key }
        switch self {
        case .text:
            line += "\(moment.iso8601) \(level.rawValue.uppercased()) \(label): ".utf8
            LogFormat.appendEscaped(message, quoted: false, to: &line)
            for (name, value) in fields {
                line += " \(name)=".utf8
                let text = "\(value)"
                let isQuoted = text.isEmpty || text.contains { " \"=".contains($0) }
                LogFormat.appendEscaped(text, quoted: isQuoted, to: &line)
            }
        case .json:
            line += "{\"at\":\"\(moment.iso8601)\",\"level\":\"\(level.rawValue)\",\"logger\":".utf8
            LogFormat.appendEscaped(label, quoted: true, to: &line)
            line += ",\"message\":".utf8
            LogFormat.appendEscaped(message, quoted: true, to: &line)
            for (name, value) in fields {
                line.append(UInt8(ascii: ","))
                LogFormat.appendEscaped(name, quoted: true, to: &line)
                line.append(UInt8(ascii: ":"))
                LogFormat.appendValue(value, to: &line)
            }
            line.append(UInt8(ascii: "}"))
        }
        line.append(UInt8(ascii: "\n"))
        return line
    }

    /// A text as it stands in a line, without the quotation marks around it.
    static func escaped(_ text: String, quoted: Bool = true) -> String {
        var bytes: [UInt8] = []
        appendEscaped(text, quoted: quoted, to: &bytes)
        return String(decoding: quoted ? bytes.dropFirst().dropLast() : bytes[...], as: UTF8.self)
    }

    /// Numbers and truth values stay what they are; all else is a string.
    private static func appendValue(_ value: Logger.Metadata.Value, to line: inout [UInt8]) {
        if case .stringConvertible(let number) = value,
            number is any BinaryInteger || number is Bool || number is Double
        {
            line += "\(number)".utf8
        } else {
            appendEscaped("\(value)", quoted: true, to: &line)
        }
    }

    /// JSON's escapes, plus `\u` for what terminals and line splitters act on: C1 controls, DEL,
    /// line and paragraph separators, bidirectional overrides.
    private static func appendEscaped(_ text: String, quoted: Bool, to line: inout [UInt8]) {
        if quoted { line.append(UInt8(ascii: "\"")) }
        defer { if quoted { line.append(UInt8(ascii: "\"")) } }
        // Most texts have nothing to escape, and there is a line per request.
        if text.utf8.allSatisfy(isPlain) {
            line += text.utf8
            return
        }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"" where quoted: line += "\\\"".utf8
            case "\\": line += "\\\\".utf8
            case "\n": line += "\\n".utf8
            case "\r": line += "\\r".utf8
            case "\t": line += "\\t".utf8
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}"..."\u{202E}",
                "\u{2066}"..."\u{2069}":
                let digits = String(scalar.value, radix: 16)
                line += "\\u".utf8
                line += String(repeating: "0", count: 4 - digits.utf8.count).utf8
                line += digits.utf8
            default: line += String(scalar).utf8
            }
        }
    }

    /// Printable ASCII that means nothing to JSON or to a quoted value.
    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x20...0x7E).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }
}
