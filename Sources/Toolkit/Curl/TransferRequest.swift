// What a transfer asks for, in typed options instead of curl's.

/// One HTTP request to make.
///
/// Redirects are never followed and bodies never decompressed: the caller sees what the server
/// sent.
package struct TransferRequest: Sendable {
    /// An HTTP token; `GET`, `POST`, `DELETE` …
    package var method: String
    /// An absolute URL, percent-encoded.
    package var url: String
    /// Sent as given, after a check: a name must be a token, a value free of control characters.
    package var headers: [(name: String, value: String)]
    /// Sent with its length and without a `Content-Type` but the one in ``headers``.
    package var body: [UInt8]?
    /// Time to connect, resolving and TLS handshake included.
    package var connectTimeout: Duration
    /// Bounds the whole transfer where set, waiting for a connection and pauses included; for
    /// datasets a stall limit is right and this is `nil`.
    package var totalTimeout: Duration?
    /// The transfer fails when fewer than ``stallBytesPerSecond`` arrive for this long after the
    /// request was sent, on average over five seconds. Time does not count in which the receiver or
    /// the client's ``CurlSettings/rates`` hold the transfer.
    package var stallTimeout: Duration
    package var stallBytesPerSecond: Int
    /// How long the body of an answer of 400 or more may take, where set: the head has said what
    /// matters. Time does not count in which the receiver or the rates hold the transfer.
    package var refusalTimeout: Duration?
    /// Schemes that may be spoken, such as `["https"]`.
    package var schemes: [String]
    /// Hosts that may be spoken to.
    package var addresses: AddressPolicy
    /// Whether to open a connection of its own instead of taking up an idle one, which may hold
    /// what a misbehaving server sent behind an earlier answer.
    package var usesNewConnection: Bool
    /// Whether the client's ``CurlSettings/rates`` hold for it.
    package var isPaced: Bool
    /// Whether it goes before those that wait for these rates already, and do not.
    package var isExpedited = false

    package init(
        method: String = "GET", url: String, headers: [(name: String, value: String)] = [],
        body: [UInt8]? = nil, connectTimeout: Duration = .seconds(15),
        totalTimeout: Duration? = nil, stallTimeout: Duration = .seconds(60),
        stallBytesPerSecond: Int = 1, refusalTimeout: Duration? = nil,
        schemes: [String] = ["https", "http"], addresses: AddressPolicy = .any,
        usesNewConnection: Bool = false, isPaced: Bool = false
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.connectTimeout = connectTimeout
        self.totalTimeout = totalTimeout
        self.stallTimeout = stallTimeout
        self.stallBytesPerSecond = stallBytesPerSecond
        self.refusalTimeout = refusalTimeout
        self.schemes = schemes
        self.addresses = addresses
        self.usesNewConnection = usesNewConnection
        self.isPaced = isPaced
    }
}
