// Text that the upstream wrote, made fit to be shown. It must not know what it says.

import Datasets

/// Makes upstream text safe for logs, databases and chats.
enum UpstreamText {
    private static let charactersMax = 300

    /// Whether there are bytes that no text has, in whatever encoding.
    static func isBinary(_ bytes: some Sequence<UInt8>) -> Bool {
        bytes.contains { $0 == 0x7F || $0 < 0x20 && !(0x09...0x0D).contains($0) }
    }

    /// Bytes that are text, perhaps cut within the last character; `nil` where they are none.
    static func words(_ bytes: ArraySlice<UInt8>) -> String? {
        guard !isBinary(bytes) else { return nil }
        // A character of several bytes that has only begun: at most three of them.
        let lead = bytes.suffix(3).lastIndex { (0xC2...0xF4).contains($0) } ?? bytes.endIndex
        return String(validating: bytes, as: UTF8.self)
            ?? String(validating: bytes[..<lead], as: UTF8.self)
    }

    /// One line of printable text, shortened, without the API key.
    static func shown(_ text: String, apiKey: String?) -> String {
        var line = String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.isPrintable ? $0 : " " }))
        line = line.split(separator: " ").joined(separator: " ")
        if let apiKey, !apiKey.isEmpty { line = line.replacing(apiKey, with: "[key]") }
        return Wording.shortened(line, to: charactersMax)
    }
}
