// What a transfer asks for, and the check that it can be sent as it stands: curl checks neither
// header values nor methods for line breaks (libcurl-security(3)).

import CCurl

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
    /// How long the body of a response of 400 or more may take, where set: the head says what
    /// matters. Time does not count in which the receiver or the rates hold the transfer.
    package var refusalTimeout: Duration?
    /// Allowed schemes, such as `["https"]`.
    package var schemes: [String]
    /// Allowed addresses of the host.
    package var addresses: AddressPolicy
    /// Whether to open a new connection instead of reusing an idle one, which may hold bytes that a
    /// misbehaving server sent after an earlier response.
    package var usesNewConnection: Bool
    /// Whether the client's ``CurlSettings/rates`` apply to it.
    package var isPaced: Bool
    /// Whether it goes ahead of requests without this flag that wait for these rates.
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

/// Refuses requests that cannot be sent as they stand.
enum RequestCheck {
    /// The parts of a sound request's URL.
    ///
    /// - Throws: ``CurlError/refused(_:)``, in words that repeat no value.
    static func target(of request: TransferRequest) throws(CurlError) -> TransferTarget {
        guard let target = TransferTarget(request.url) else {
            throw .refused("the URL is malformed")
        }
        guard request.schemes.contains(target.scheme) else {
            throw .refused("\(target.host): the scheme \(target.scheme) is not allowed")
        }
        guard request.addresses.allows(host: target.host) else {
            throw .forbiddenAddress("\(target.host) is not public")
        }
        guard isToken(request.method) else {
            throw .refused("\(target.host): the method is not a token")
        }
        for (name, value) in request.headers {
            guard isToken(name) else {
                throw .refused("\(target.host): a header name is not a token")
            }
            guard !value.utf8.contains(where: isControl) else {
                throw .refused("\(target.host): the header \(name) holds a control character")
            }
        }
        return target
    }

    /// RFC 9110 §5.6.2.
    static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy(isTokenByte)
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    /// All that RFC 9110 §5.5 keeps out of a field value, CR, LF and NUL first of all.
    private static func isControl(_ byte: UInt8) -> Bool {
        (byte < 0x20 && byte != UInt8(ascii: "\t")) || byte == 0x7f
    }
}

/// The parts of a URL that decide where a request goes, as curl itself reads them, so that a check
/// and the transfer never disagree about the host.
struct TransferTarget: Hashable, Sendable {
    /// Lower case.
    let scheme: String
    /// Without user, password and port.
    let host: String
    /// The scheme's own where the URL names none.
    let port: Int
    /// Path and query: what must not be repeated in an error text.
    let secretParts: [String]

    /// `nil` when the text is no absolute URL with a host.
    init?(_ text: String) {
        guard !text.utf8.contains(0), let handle = curl_url() else { return nil }
        defer { curl_url_cleanup(handle) }
        let flags = UInt32(CURLU_NON_SUPPORT_SCHEME)
        guard curl_url_set(handle, CURLUPART_URL, text, flags) == CURLUE_OK,
            let scheme = TransferTarget.part(CURLUPART_SCHEME, of: handle),
            let host = TransferTarget.part(CURLUPART_HOST, of: handle), !host.isEmpty
        else { return nil }
        self.scheme = scheme.lowercased()
        self.host = host
        let port = TransferTarget.part(
            CURLUPART_PORT, of: handle, flags: UInt32(CURLU_DEFAULT_PORT))
        self.port = port.flatMap { Int($0) } ?? 0
        secretParts = [CURLUPART_PATH, CURLUPART_QUERY, CURLUPART_USER, CURLUPART_PASSWORD]
            .compactMap { TransferTarget.part($0, of: handle) }
    }

    /// The absolute URL of a `Location` in a response from `base`, as CURLINFO_REDIRECT_URL would
    /// give after the transfer; `nil` when it is malformed.
    static func resolve(_ location: String, from base: String) -> String? {
        guard !location.utf8.contains(0), let handle = curl_url() else { return nil }
        defer { curl_url_cleanup(handle) }
        let flags = UInt32(CURLU_NON_SUPPORT_SCHEME)
        guard curl_url_set(handle, CURLUPART_URL, base, flags) == CURLUE_OK else { return nil }
        // Servers send spaces and raw UTF-8 in a Location; curl encodes them.
        let lenient = flags | UInt32(CURLU_URLENCODE) | UInt32(CURLU_ALLOW_SPACE)
        guard curl_url_set(handle, CURLUPART_URL, location, lenient) == CURLUE_OK else {
            return nil
        }
        return part(CURLUPART_URL, of: handle)
    }

    private static func part(
        _ part: CURLUPart, of handle: OpaquePointer, flags: UInt32 = 0
    ) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(handle, part, &text, flags) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
