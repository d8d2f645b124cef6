// Text that the upstream wrote, made fit to be shown. It must not know what it says.

import Datasets

/// Makes upstream text safe for logs, databases and chats.
enum UpstreamText {
    private static let charactersMax = 300

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
