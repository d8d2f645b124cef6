// One log line in the making. It must not know where the line goes.

import Datasets
import Logging

/// Writes one line, as text for people or as JSON for machines; every value escaped, so that
/// nothing a peer sends can forge a line (CWE-117).
struct LogLine {
    private let format: LogFormat
    private var bytes: [UInt8] = []

    /// Begins a line.
    init(
        _ format: LogFormat, at moment: Timestamp, level: Logger.Level, label: String,
        message: String
    ) {
        self.format = format
        bytes.reserveCapacity(256)
        switch format {
        case .text:
            append(moment.iso8601)
            append(" ")
            append(level.rawValue.uppercased())
            append(" ")
            append(label)
            append(": ")
            appendEscaped(message, quoted: false)
        case .json:
            append(#"{"at":""#)
            append(moment.iso8601)
            append(#"","level":""#)
            append(level.rawValue)
            append(#"","logger":"#)
            appendEscaped(label, quoted: true)
            append(#","message":"#)
            appendEscaped(message, quoted: true)
        }
    }

    /// Nothing but a place to write to.
    private init(_ format: LogFormat) {
        self.format = format
    }

    /// A text as it stands in a line, without the quotation marks around it.
    static func escaped(_ text: String, quoted: Bool = true) -> String {
        var line = LogLine(.json)
        line.appendEscaped(text, quoted: quoted)
        let bytes = quoted ? line.bytes.dropFirst().dropLast() : line.bytes[...]
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Adds a field whose value is text.
    mutating func add(_ name: String, _ text: String) {
        begin(name)
        appendEscaped(text, quoted: format == .json || text.isEmpty || hasSeparator(text))
    }

    /// Adds a field whose value is a number or a truth value, which JSON writes without quotation
    /// marks.
    mutating func add(_ name: String, number text: String) {
        begin(name)
        append(text)
    }

    /// Ends the line.
    ///
    /// - Returns: its bytes, newline included.
    consuming func finished() -> [UInt8] {
        append(format == .json ? "}\n" : "\n")
        return bytes
    }

    private mutating func begin(_ name: String) {
        if format == .json {
            append(",")
            appendEscaped(name, quoted: true)
            append(":")
        } else {
            append(" ")
            append(name)
            append("=")
        }
    }

    private mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    private mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }

    /// Whether a reader of the text format would not see where a value ends.
    private func hasSeparator(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { content in
            for byte in content
            where byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\"")
                || byte == UInt8(ascii: "=")
            {
                return true
            }
            return false
        }
    }

    /// JSON's escapes, plus `\u` for what terminals and line splitters act on: C1 controls, DEL,
    /// line and paragraph separators, bidirectional overrides.
    private mutating func appendEscaped(_ text: String, quoted: Bool) {
        if quoted { append("\"") }
        // Most texts have nothing to escape, and there is a line per request.
        var text = text
        let isDone = text.withUTF8 { content in
            for byte in content where !LogLine.isPlain(byte) { return false }
            bytes.append(contentsOf: content)
            return true
        }
        if !isDone {
            for scalar in text.unicodeScalars { append(scalar, quoted: quoted) }
        }
        if quoted { append("\"") }
    }

    private mutating func append(_ scalar: Unicode.Scalar, quoted: Bool) {
        switch scalar {
        case "\"" where quoted: append("\\\"")
        case "\\": append("\\\\")
        case "\n": append("\\n")
        case "\r": append("\\r")
        case "\t": append("\\t")
        case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}"..."\u{202E}",
            "\u{2066}"..."\u{2069}":
            let digits = String(scalar.value, radix: 16)
            append("\\u")
            append(String(repeating: "0", count: 4 - digits.utf8.count))
            append(digits)
        default: append(String(scalar))
        }
    }

    /// Printable ASCII that means nothing to JSON or to a quoted value.
    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x20...0x7E).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }
}
