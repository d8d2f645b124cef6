// What a transfer asks for, in typed options instead of curl's.

/// One HTTP request to make.
package struct TransferRequest: Sendable {
    package var method: String
    package var url: String
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]?
    /// Time to connect, TLS handshake included.
    package var connectTimeout: Duration
    /// Bounds the whole transfer where set; for datasets a stall limit is right and this is `nil`.
    package var totalTimeout: Duration?
    /// The transfer fails when fewer than `stallBytesPerSecond` arrive for `stallTimeout`.
    package var stallTimeout: Duration
    package var stallBytesPerSecond: Int
    /// Schemes that may be spoken, such as `["https"]`.
    package var schemes: [String]

    package init(
        method: String = "GET", url: String, headers: [(name: String, value: String)] = [],
        body: [UInt8]? = nil, connectTimeout: Duration = .seconds(15),
        totalTimeout: Duration? = nil, stallTimeout: Duration = .seconds(60),
        stallBytesPerSecond: Int = 1, schemes: [String] = ["https", "http"]
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.connectTimeout = connectTimeout
        self.totalTimeout = totalTimeout
        self.stallTimeout = stallTimeout
        self.stallBytesPerSecond = stallBytesPerSecond
        self.schemes = schemes
    }
}
