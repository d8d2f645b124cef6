// What an upstream answered, reduced to what decisions are made by. It must not decide.

/// An answer that is no dataset.
struct Reply: Hashable {
    var status: Int
    /// The `Retry-After` field, where it makes sense.
    var retryAfter: Duration?
    /// Tardis's own number for the error.
    var code: Int?
    /// Tardis's own words, fit to be shown.
    var message: String?
    /// How long Tardis asks to wait, in the body.
    var retryAfterSeconds: Int?
    /// Whether the body is a web page: some proxy's or CDN's word, not Tardis's.
    var isWebPage = false
    /// Whether it came from the configured upstream, not from where that redirected to.
    var isFromUpstream = true

    init(status: Int) {
        self.status = status
    }

    /// - Parameter body: the beginning of the body.
    init(
        status: Int, retryAfter: Duration?, body: [UInt8], isFromUpstream: Bool, apiKey: String?
    ) {
        self.status = status
        self.retryAfter = retryAfter
        self.isFromUpstream = isFromUpstream
        if let error = JSONReplies.error(body) {
            code = error.code
            message = error.message.map { UpstreamText.shown($0, apiKey: apiKey) }
            retryAfterSeconds = error.retryAfterSeconds
            return
        }
        let text = String(decoding: body.prefix(2_000), as: UTF8.self)
        isWebPage = text.contains { $0 == "<" }
        // Plain words are worth showing, a page's markup is not.
        let shown = isWebPage ? "" : UpstreamText.shown(text, apiKey: apiKey)
        message = shown.isEmpty ? nil : shown
    }
}
