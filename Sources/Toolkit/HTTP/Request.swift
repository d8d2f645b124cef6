// A complete request, parsed and checked, as a handler sees it.

/// A request whose head and body have arrived and passed every rule of RFC 9110 and 9112 that we
/// hold it to.
package struct Request: Sendable {
    package var method: Method
    /// The path as sent, percent-encoded, dot segments removed; always begins with `/` (or is `*`,
    /// for OPTIONS).
    package var path: String
    /// What follows `?`, as sent; `nil` without a `?`.
    package var query: String?
    package var headers: Headers
    package var trailers: Headers
    package var body: [UInt8]
    /// Identifies the exchange in logs and in `X-Request-ID`.
    package var id: String
    /// The client's address without its port.
    package var peer: String

    package init(
        method: Method, path: String, query: String? = nil, headers: Headers = Headers(),
        trailers: Headers = Headers(), body: [UInt8] = [], id: String = "", peer: String = ""
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.trailers = trailers
        self.body = body
        self.id = id
        self.peer = peer
    }
}
