// One log line as text or JSON, written piece by piece, with every value escaped.

import Bytes
import Datasets
import Logging

/// One line, as text for people or as JSON for machines; every value escaped, so that nothing a
/// peer sends can forge a line (CWE-117).
///
/// A line is written piece by piece into memory whose room is reckoned from the pieces' `bytesMax`.
enum LogLine {
    /// What is the same in all lines of one kind: everything in front of the fields but the time.
    struct Opening: Sendable {
        fileprivate let beforeTime: [UInt8]
        fileprivate let afterTime: [UInt8]

        init(_ format: LogFormat, level: Logger.Level, label: String, message: String) {
            let room = LogLine.openingBytesMax(label: label, message: message)
            beforeTime = Array(capacity: room) { $0.begin(format) }
            afterTime = Array(capacity: room) {
                $0.finishOpening(format, level: level, label: label, message: message)
            }
        }

        /// How long the opening may be.
        var bytesMax: Int { beforeTime.count + Timestamp.textBytesMax + afterTime.count }
    }

    /// A field's name, with all that stands around it.
    struct Name: Sendable {
        fileprivate let format: LogFormat
        fileprivate let lead: [UInt8]

        init(_ name: String, in format: LogFormat) {
            self.format = format
            lead = Array(capacity: LogLine.bytesMax(ofName: name)) {
                $0.append(name: name, in: format)
            }
        }

        /// How long a field with this name and a number may be.
        var bytesMax: Int { lead.count + 1 + OutputSpan<UInt8>.decimalDigitsMax }

        /// How long a field with this name and these bytes may be.
        func bytesMax(_ text: UnsafeBufferPointer<UInt8>) -> Int {
            lead.count + 6 * text.count + 2
        }

        /// How long a field with this name and a text that needs no escapes may be.
        func bytesMax(plain text: String) -> Int {
            lead.count + text.utf8.count + 2
        }
    }

    /// How long a text may become: six bytes for one at the worst, and two quotation marks.
    static func bytesMax(_ text: String) -> Int { 6 * text.utf8.count + 2 }

    /// How long a field's name may become, with all that stands around it.
    static func bytesMax(ofName name: String) -> Int { 2 + bytesMax(name) }

    /// How long everything in front of the fields may become.
    static func openingBytesMax(label: String, message: String) -> Int {
        64 + Timestamp.textBytesMax + bytesMax(label) + bytesMax(message)
    }

    /// How long the end of a line is.
    static let endBytesMax = 2

    /// A text as it stands in a line, without the quotation marks around it.
    static func escaped(_ text: String, quoted: Bool = true) -> String {
        let bytes = [UInt8](capacity: bytesMax(text)) { $0.append(escaped: text, quoted: quoted) }
        return String(decoding: quoted ? bytes.dropFirst().dropLast() : bytes[...], as: UTF8.self)
    }
}

extension OutputSpan<UInt8> {
    /// Begins a line; the time follows.
    mutating func begin(_ format: LogFormat) {
        if format == .json { append(text: #"{"at":""#) }
    }

    /// Goes on behind the time; fields follow.
    mutating func finishOpening(
        _ format: LogFormat, level: Logger.Level, label: String, message: String
    ) {
        switch format {
        case .text:
            append(text: " ")
            append(text: level.rawValue.uppercased())
            append(text: " ")
            append(text: label)
            append(text: ": ")
            append(escaped: message, quoted: false)
        case .json:
            append(text: #"","level":""#)
            append(text: level.rawValue)
            append(text: #"","logger":"#)
            append(escaped: label, quoted: true)
            append(text: #","message":"#)
            append(escaped: message, quoted: true)
        }
    }

    /// Adds a field's name; its value follows.
    mutating func append(name: String, in format: LogFormat) {
        switch format {
        case .text:
            append(text: " ")
            append(text: name)
            append(text: "=")
        case .json:
            append(text: ",")
            append(escaped: name, quoted: true)
            append(text: ":")
        }
    }

    /// Adds a field's value that is text.
    mutating func append(value text: String, in format: LogFormat) {
        var text = text
        text.withUTF8 { append(value: $0, in: format) }
    }

    private mutating func append(value text: UnsafeBufferPointer<UInt8>, in format: LogFormat) {
        append(escaped: text, quoted: format == .json || text.isEmpty || hasSeparator(text))
    }

    /// Begins a line; the time follows.
    mutating func begin(_ opening: LogLine.Opening) { append(opening.beforeTime) }

    /// Goes on behind the time; fields follow.
    mutating func finishOpening(_ opening: LogLine.Opening) { append(opening.afterTime) }

    /// Adds a field whose value is text; what is not UTF-8 becomes U+FFFD.
    mutating func add(_ name: LogLine.Name, _ text: UnsafeBufferPointer<UInt8>) {
        append(name.lead)
        append(value: text, in: name.format)
    }

    /// Adds a field whose value is text that was checked before: printable ASCII without blanks,
    /// quotation marks, equals signs and backslashes.
    mutating func add(_ name: LogLine.Name, plain text: String) {
        append(name.lead)
        let isQuoted = name.format == .json || text.isEmpty
        if isQuoted { append(UInt8(ascii: "\"")) }
        append(text: text)
        if isQuoted { append(UInt8(ascii: "\"")) }
    }

    /// Adds a field whose value is a number.
    mutating func add(_ name: LogLine.Name, _ number: Int) {
        append(name.lead)
        if number < 0 { append(UInt8(ascii: "-")) }
        append(decimal: Int(clamping: number.magnitude))
    }

    /// Ends the line.
    mutating func end(_ format: LogFormat) {
        if format == .json { append(UInt8(ascii: "}")) }
        append(UInt8(ascii: "\n"))
    }

    /// Whether a reader of the text format would not see where a value ends.
    private func hasSeparator(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        for byte in text
        where byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "=") {
            return true
        }
        return false
    }

    /// JSON's escapes, plus `\u` for what terminals and line splitters act on: C1 controls, DEL,
    /// line and paragraph separators, bidirectional overrides.
    fileprivate mutating func append(escaped text: String, quoted: Bool) {
        var text = text
        text.withUTF8 { append(escaped: $0, quoted: quoted) }
    }

    private mutating func append(escaped text: UnsafeBufferPointer<UInt8>, quoted: Bool) {
        if quoted { append(UInt8(ascii: "\"")) }
        // Most texts have nothing to escape, and there is a line per request.
        if ByteScan.isPlain(text) {
            append(text)
        } else {
            for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
                append(scalar, quoted: quoted)
            }
        }
        if quoted { append(UInt8(ascii: "\"")) }
    }

    private mutating func append(_ scalar: Unicode.Scalar, quoted: Bool) {
        switch scalar {
        case "\"" where quoted: append(text: "\\\"")
        case "\\": append(text: "\\\\")
        case "\n": append(text: "\\n")
        case "\r": append(text: "\\r")
        case "\t": append(text: "\\t")
        case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}"..."\u{202E}",
            "\u{2066}"..."\u{2069}":
            let digits = String(scalar.value, radix: 16)
            append(text: "\\u")
            append(text: String(repeating: "0", count: 4 - digits.utf8.count))
            append(text: digits)
        default: append(text: String(scalar))
        }
    }
}
