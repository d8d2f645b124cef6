// What an upstream answered, reduced to what decisions are made by. It must not decide.

/// An answer that is no dataset.
struct Reply: Hashable {
    var status: Int
    /// How long to wait: the longer of what the `Retry-After` field and the body ask for.
    var retryAfter: Duration?
    /// Tardis's own number for the error.
    var code: Int?
    /// Tardis's own words, fit to be shown.
    var message: String?
    /// Whether the body is a web page: a proxy's, a CDN's or a login page's word, not Tardis's.
    var isWebPage = false
    /// Whether there is a body that is no error of Tardis, all of which are JSON: words of a proxy
    /// or a firewall, or bytes that nobody can read.
    var isOfSomebodyElse = false
    /// Whether it came from the configured upstream, not from where that redirected to.
    var isFromUpstream = true

    /// The failure's code of a web page, whatever its status.
    static let webPageCode = "web_page"
    /// What is said of one.
    static let webPageWords =
        "A web page came in place of Tardis's answer: a proxy, a firewall, a login page or "
        + "Cloudflare stands in between."

    init(status: Int) {
        self.status = status
    }

    /// Whether the answer says to ask elsewhere.
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
        if let error = JSONReplies.error(body) {
            isOfSomebodyElse = !error.isOfTardis
            code = error.code
            message = error.message.map { SanitizedText.shown($0, apiKey: apiKey) }
            if let seconds = error.retryAfterSeconds {
                self.retryAfter = max(retryAfter ?? .zero, .seconds(seconds))
            }
            return
        }
        // JSON that cannot be read may be Tardis's, cut short.
        let first = body.first { !" \t\r\n".utf8.contains($0) }
        isOfSomebodyElse = first != nil && first != UInt8(ascii: "{")
        let beginning = body.prefix(2_000)
        isWebPage =
            SanitizedText.isWebPage(beginning, contentType: contentType)
            && (isFromUpstream || !SanitizedText.isStorageError(beginning))
        // Plain words are worth showing, a page's markup is not.
        guard !isWebPage, let text = SanitizedText.words(beginning) else { return }
        let shown = SanitizedText.shown(text, apiKey: apiKey)
        message = shown.isEmpty ? nil : shown
    }
}
