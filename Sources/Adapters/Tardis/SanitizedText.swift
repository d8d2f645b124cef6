// Text that the upstream wrote, made fit to be shown. It must not know what it says.

import Datasets
import Gzip

/// Makes upstream text safe for logs, databases and chats.
enum SanitizedText {
    private static let charactersMax = 300
    private static let inflatedBytesMax = 64 * 1024

    /// Whether there are bytes that no text has, in whatever encoding.
    static func isBinary(_ bytes: some Sequence<UInt8>) -> Bool {
        bytes.contains { $0 == 0x7F || $0 < 0x20 && !(0x09...0x0D).contains($0) }
    }

    /// Whether a body is a web page: it is said to be one, or is text with markup. A page may be in
    /// any encoding, but is text; what is none may contain any byte by chance.
    static func isWebPage(_ body: ArraySlice<UInt8>, contentType: String?) -> Bool {
        let kind = contentType?.lowercased() ?? ""
        if kind.contains("html") { return true }
        return !isBinary(body) && body.contains(UInt8(ascii: "<"))
    }

    /// Whether a body is an error of an object storage (S3's REST error responses, in XML).
    static func isStorageError(_ body: ArraySlice<UInt8>) -> Bool {
        body.firstRange(of: Array("<Error".utf8)) != nil
    }

    /// The beginning of a body as it was before the server compressed it with gzip, which requests
    /// for datasets allow.
    static func inflated(_ body: [UInt8]) -> [UInt8] {
        guard body.starts(with: [0x1F, 0x8B]) else { return body }
        var text: [UInt8] = []
        let inflater = GzipInflater(limits: GzipLimits(expandedBytesMax: Int64(inflatedBytesMax)))
        body.withUnsafeBytes { bytes in
            // What came out before the error is still the beginning of the text.
            try? inflater.inflate(bytes) { piece in
                text.append(contentsOf: piece.prefix(inflatedBytesMax - text.count))
            }
        }
        let isWhole = (try? inflater.finish()) != nil
        return text.isEmpty && !isWhole ? body : text
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
        return TextFormat.shortened(line, to: charactersMax)
    }
}
