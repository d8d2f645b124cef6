// A response that is no dataset: who wrote it, and its body read as Tardis's JSON, or as text that
// is safe to show.

import Datasets
import FoundationEssentials
import Gzip

/// What decisions about a response are based on.
struct Reply: Hashable {
    var status: Int
    /// How long to wait: the longer of what the `Retry-After` field and the body ask for.
    var retryAfter: Duration?
    /// Tardis's own number for the error.
    var code: Int?
    /// Tardis's own message, safe to show.
    var message: String?
    /// Who wrote the body.
    var sender = Sender.unknown
    /// Whether it came from the configured upstream, not from a redirect's target.
    var isFromUpstream = true

    /// Who wrote a body, as its form shows.
    enum Sender: Hashable {
        /// Tardis, whose errors are JSON with a number, `code`, and no other members than
        /// `message` and `retryAfterSeconds`; or its object storage, whose errors are XML.
        case tardis
        /// There is no body, or only the beginning of one.
        case unknown
        /// A proxy, a firewall or a gateway: text, JSON of another form, or unreadable bytes.
        case other
        /// A proxy, a CDN or a login page.
        case webPage
    }

    /// The failure's code of a web page with any status.
    static let webPageCode = "web_page"
    static let webPageMessage =
        "A web page came in place of Tardis's answer: a proxy, a firewall, a login page or "
        + "Cloudflare stands in between. \(noVerdict)"
    /// Ends what is said of a response that may not be Tardis's.
    static let noVerdict = "It is no verdict of Tardis on the file, the key or its plan."

    init(status: Int, sender: Sender = .unknown) {
        self.status = status
        self.sender = sender
    }

    static func isRedirect(_ status: Int) -> Bool {
        [301, 302, 303, 307, 308].contains(status)
    }

    /// - Parameter body: the beginning of the body; compressed where the server did that.
    init(
        status: Int, retryAfter: Duration?, contentType: String? = nil, body: [UInt8],
        isFromUpstream: Bool, apiKey: String?
    ) {
        self.status = status
        self.retryAfter = retryAfter
        self.isFromUpstream = isFromUpstream
        let body = SanitizedText.inflated(body)
        let beginning = body.prefix(2_000)
        if let error = JSONReplies.error(body) {
            sender = contentType?.lowercased().contains("html") == true ? .other : error.sender
            code = error.code
            message = error.message.map { SanitizedText.shown($0, apiKey: apiKey) }
            if let seconds = error.retryAfterSeconds {
                self.retryAfter = max(retryAfter ?? .zero, .seconds(seconds))
            }
            return
        }
        sender = Self.sender(
            of: beginning, contentType: contentType, isFromUpstream: isFromUpstream)
        // Plain text is worth showing, a page's markup is not.
        guard sender != .webPage, let text = SanitizedText.text(beginning) else { return }
        let shown = SanitizedText.shown(text, apiKey: apiKey)
        message = shown.isEmpty ? nil : shown
    }

    /// The sender of a body that is no JSON object.
    private static func sender(
        of body: ArraySlice<UInt8>, contentType: String?, isFromUpstream: Bool
    ) -> Sender {
        if !isFromUpstream, SanitizedText.isStorageError(body) { return .tardis }
        if SanitizedText.isWebPage(body, contentType: contentType) { return .webPage }
        // JSON that cannot be decoded may be Tardis's, cut short.
        let first = body.first { !" \t\r\n".utf8.contains($0) }
        return first == nil || first == UInt8(ascii: "{") ? .unknown : .other
    }
}

/// Decodes Tardis's JSON.
enum JSONReplies {
    /// The body of an error.
    struct ErrorReply: Decodable {
        var code: Int?
        var message: String?
        /// Rounded up; `nil` if negative.
        var retryAfterSeconds: Int?
        /// Gateways (Kong, Envoy, API Gateway) write JSON, too: with members that Tardis's errors
        /// do not have, without a code, or with one that is no number.
        var sender: Reply.Sender {
            if hasOtherMembers { return .other }
            if code != nil || retryAfterSeconds != nil { return .tardis }
            return isWhole ? .other : .unknown
        }

        /// Whether it has a member that Tardis's errors do not have, or a code that is no number.
        private var hasOtherMembers: Bool
        fileprivate var isWhole = true

        /// A number beyond this is as good as this: 31 years.
        private static let secondsMax = 1_000_000_000.0

        private struct Member: CodingKey {
            let stringValue: String
            let intValue: Int? = nil

            static let code = Member(stringValue: "code")
            static let message = Member(stringValue: "message")
            static let retryAfterSeconds = Member(stringValue: "retryAfterSeconds")
            static let known = Set([code, message, retryAfterSeconds].map(\.stringValue))

            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: Member.self)
            // A member of an unexpected type does not hide the others.
            code = try? values.decode(Int.self, forKey: .code)
            message = try? values.decode(String.self, forKey: .message)
            hasOtherMembers =
                !values.allKeys.allSatisfy { Member.known.contains($0.stringValue) }
                || code == nil && values.contains(.code)
            let text = try? values.decode(String.self, forKey: .retryAfterSeconds)
            let number = try? values.decode(Double.self, forKey: .retryAfterSeconds)
            let seconds = number ?? text.flatMap { Double($0) }
            if let seconds, seconds >= 0 {
                retryAfterSeconds = Int(min(seconds, Self.secondsMax).rounded(.up))
            }
        }
    }

    /// Reads an error body, also one that was cut short; `nil` if it is no JSON object.
    static func error(_ body: [UInt8]) -> ErrorReply? {
        guard body.first(where: { !" \t\r\n".utf8.contains($0) }) == UInt8(ascii: "{") else {
            return nil
        }
        if let reply = decodeError(body) { return reply }
        // Tardis's errors are flat: if the text or the member before the last is closed, most of it
        // can be decoded, above all the code, which comes first.
        var beginnings = [body + [UInt8(ascii: "\"")]]
        // A number at the end may lack digits.
        if let last = body.last, !(0x30...0x39).contains(last) { beginnings.append(body) }
        let commas = body.indices.reversed().lazy.filter { body[$0] == UInt8(ascii: ",") }
        beginnings += commas.prefix(8).map { Array(body[..<$0]) }
        var reply = beginnings.lazy.compactMap { decodeError($0 + [UInt8(ascii: "}")]) }.first
        reply?.isWhole = false
        return reply
    }

    private static func decodeError(_ body: [UInt8]) -> ErrorReply? {
        try? JSONDecoder().decode(ErrorReply.self, from: Data(body))
    }

    /// Reads `GET /exchanges`: the ids of those with datasets.
    static func exchangeIDs(_ body: [UInt8]) -> [String]? {
        struct Exchange: Decodable {
            var id: String
            var supportsDatasets: Bool?
        }
        let exchanges = try? JSONDecoder().decode([Exchange].self, from: Data(body))
        let ids = exchanges?.filter { $0.supportsDatasets != false }.map(\.id)
            .filter(ExchangeID.isWellFormed)
        // A list without any exchange is not Tardis's.
        return ids?.isEmpty == false ? ids : nil
    }

    /// Whether a text has only printable characters.
    static func isPrintable(_ text: String) -> Bool {
        // Almost all are ASCII.
        text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
            || text.unicodeScalars.allSatisfy(\.isPrintable)
    }
}

/// Makes upstream text safe for logs, databases and chats.
enum SanitizedText {
    private static let charactersMax = 300
    private static let inflatedBytesMax = 64 * 1024

    /// Whether there are bytes that no text has, in any encoding.
    static func isBinary(_ bytes: some Sequence<UInt8>) -> Bool {
        bytes.contains { $0 == 0x7F || $0 < 0x20 && !(0x09...0x0D).contains($0) }
    }

    /// Whether a body is a web page: by its content type, or because it is text with markup. Binary
    /// content may contain any byte by chance.
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
            // The output before an error is still the beginning of the text.
            try? inflater.inflate(bytes) { piece in
                text.append(contentsOf: piece.prefix(inflatedBytesMax - text.count))
            }
        }
        let isWhole = (try? inflater.finish()) != nil
        return text.isEmpty && !isWhole ? body : text
    }

    /// Bytes as text, possibly cut within the last character; `nil` if they are not text.
    static func text(_ bytes: ArraySlice<UInt8>) -> String? {
        guard !isBinary(bytes) else { return nil }
        // At most three bytes of an incomplete character.
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
