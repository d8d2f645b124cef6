// One log line in the making. It must not know where the line goes.

import Datasets
import Logging

/// Writes one line, as text for people or as JSON for machines; every value escaped, so that
/// nothing a peer sends can forge a line (CWE-117).
struct LogLine {
    /// What is the same in all lines of one kind: everything in front of the fields but the time.
    struct Opening: Sendable {
        fileprivate let format: LogFormat
        fileprivate let beforeTime: [UInt8]
        fileprivate let afterTime: [UInt8]

        init(_ format: LogFormat, level: Logger.Level, label: String, message: String) {
            self.format = format
            var after = LogLine(format)
            switch format {
            case .text:
                beforeTime = []
                after.append(" \(level.rawValue.uppercased()) \(label): ")
                after.appendEscaped(message, quoted: false)
            case .json:
                beforeTime = Array(#"{"at":""#.utf8)
                after.append(#"","level":"\#(level.rawValue)","logger":"#)
                after.appendEscaped(label, quoted: true)
                after.append(#","message":"#)
                after.appendEscaped(message, quoted: true)
            }
            afterTime = after.bytes
        }
    }

    /// A field's name, with all that stands around it.
    struct Name: Sendable {
        fileprivate let lead: [UInt8]

        init(_ name: String, in format: LogFormat) {
            var line = LogLine(format)
            switch format {
            case .text: line.append(" \(name)=")
            case .json:
                line.append(",")
                line.appendEscaped(name, quoted: true)
                line.append(":")
            }
            lead = line.bytes
        }
    }

    private let format: LogFormat
    private var bytes: [UInt8] = []

    /// Begins a line.
    init(_ opening: Opening, at moment: Timestamp) {
        format = opening.format
        bytes.reserveCapacity(320)
        bytes += opening.beforeTime
        moment.withISO8601 { bytes.append(contentsOf: $0) }
        bytes += opening.afterTime
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
    mutating func add(_ name: Name, _ text: String) {
        bytes += name.lead
        appendEscaped(text, quoted: format == .json || text.isEmpty || hasSeparator(text))
    }

    /// Adds a field whose value is a number.
    mutating func add(_ name: Name, _ number: Int) {
        bytes += name.lead
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        appendDigits(of: number.magnitude)
    }

    /// Adds a field whose value JSON writes without quotation marks: a number or a truth value.
    mutating func add(_ name: Name, bare text: String) {
        bytes += name.lead
        append(text)
    }

    /// Ends the line.
    ///
    /// - Returns: its bytes, newline included.
    consuming func finished() -> [UInt8] {
        append(format == .json ? "}\n" : "\n")
        return bytes
    }

    private mutating func appendDigits(of number: UInt) {
        if number >= 10 { appendDigits(of: number / 10) }
        bytes.append(UInt8(ascii: "0") + UInt8(number % 10))
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
        if quoted { bytes.append(UInt8(ascii: "\"")) }
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
        if quoted { bytes.append(UInt8(ascii: "\"")) }
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
