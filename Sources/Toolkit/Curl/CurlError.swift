// Why a transfer failed, in kinds that callers decide by, and how curl's result codes map to them
// (libcurl-errors(3), and curl 7.88's own sources where one code stands for several things).

import CCurl

/// A transfer without a complete response.
///
/// Texts are `HOST: WORDS`, curl's own words where it has some. They never hold a path, a query, a
/// header or a body, so that no key or token can reach a log through them.
package enum CurlError: Error, Hashable, Sendable {
    /// The name has no address.
    case cannotResolve(String)
    /// The connection was refused or unreachable, or the handshake broke off.
    case cannotConnect(String)
    /// The proxy refused the connection with this status.
    case proxyRefused(String, status: Int)
    /// The certificate or the handshake is wrong: never retried without verification.
    case tls(String)
    /// A time limit passed: connecting, stalling, or in all.
    case timedOut(String)
    /// The connection ended before the response did.
    case cutShort(String)
    /// The response is not HTTP, or exceeds a limit.
    case malformed(String)
    /// The request is not allowed: its URL, scheme, address, method or a header.
    case refused(String)
    /// The address of the host is not one that the request may reach.
    case forbiddenAddress(String)
    /// The receiver answered ``ReceiveDecision/stop``.
    case refusedByReceiver
    /// The task was cancelled, or the client closed.
    case cancelled
    /// Anything else, with curl's number and words.
    case other(Int32, String)
}

extension CurlError: CustomStringConvertible {
    /// One line for logs and error messages.
    package var description: String {
        switch self {
        case .cannotResolve(let words): "the name has no address: \(words)"
        case .cannotConnect(let words): "cannot connect: \(words)"
        case .proxyRefused(let words, 407):
            "the proxy refuses the connection: \(words); it wants a user and a password, as in "
                + "https_proxy=http://USER:PASSWORD@HOST:PORT"
        case .proxyRefused(let words, _): "the proxy refuses the connection: \(words)"
        case .tls(let words):
            "the TLS connection is not trustworthy: \(words). \(CertificateTrust.advice(on: words))"
        case .timedOut(let words): "timed out: \(words)"
        case .cutShort(let words): "the connection ended too early: \(words)"
        case .malformed(let words): "the answer is malformed: \(words)"
        case .refused(let words): "the request is not allowed: \(words)"
        case .forbiddenAddress(let words): "the address is not allowed: \(words)"
        case .refusedByReceiver: "the rest of the answer was not wanted"
        case .cancelled: "cancelled"
        case .other(let code, let words): "curl error \(code): \(words)"
        }
    }
}

/// A result code of curl with its words.
struct CurlFailure {
    var code: CURLcode
    /// curl's words for this case.
    var words: String
    /// Whether there had been a connection.
    var wasConnected: Bool

    /// The error to throw.
    ///
    /// - Parameters:
    ///   - secrets: texts that must not be repeated; curl's words are dropped if they contain one.
    ///   - otherwise: the words to use instead.
    func error(host: String, secrets: [String], otherwise: String) -> CurlError {
        // "/" alone is no secret, and part of many a sentence.
        let leaks = secrets.contains { $0.utf8.count > 1 && words.contains($0) }
        return kind("\(host): \(leaks ? otherwise : words)")
    }

    private func kind(_ text: String) -> CurlError {
        if let status = proxyStatus { return .proxyRefused(text, status: status) }
        return switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            .cannotResolve(text)
        case CURLE_COULDNT_CONNECT, CURLE_PROXY:
            .cannotConnect(text)
        case CURLE_SSL_CONNECT_ERROR:
            isBrokenHandshake ? .cannotConnect(text) : .tls(text)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT,
            CURLE_SSL_ENGINE_INITFAILED, CURLE_USE_SSL_FAILED:
            .tls(text)
        case CURLE_OPERATION_TIMEDOUT:
            .timedOut(text)
        case CURLE_RECV_ERROR where isMalformedAnswer:
            .malformed(text)
        case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR:
            .cutShort(text)
        case CURLE_UNSUPPORTED_PROTOCOL where wasConnected, CURLE_WEIRD_SERVER_REPLY,
            CURLE_BAD_CONTENT_ENCODING, CURLE_HTTP2, CURLE_FILESIZE_EXCEEDED:
            .malformed(text)
        case CURLE_OUT_OF_MEMORY where wasConnected, CurlFailure.tooLarge:
            // curl's word for a header line beyond its limit of 100 KiB.
            .malformed(text)
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT:
            .refused(text)
        case CURLE_ABORTED_BY_CALLBACK:
            .cancelled
        default:
            .other(Int32(code.rawValue), text)
        }
    }

    /// The proxy's status for a tunnel, from curl's words: "Received HTTP code 407 from proxy after
    /// CONNECT", "CONNECT tunnel failed, response 403".
    private var proxyStatus: Int? {
        guard words.contains("CONNECT") || words.contains("from proxy") else { return nil }
        let numbers = words.split { !$0.isASCII || !$0.isNumber }
        return numbers.lazy.filter { $0.count == 3 }.compactMap { Int($0) }.first
    }

    /// CURLE_TOO_LARGE, which takes the place of CURLE_OUT_OF_MEMORY from curl 8.6 on.
    private static let tooLarge = CURLcode(rawValue: 100)

    /// Whether the peer sent malformed chunks, or more than 300 KiB of headers.
    private var isMalformedAnswer: Bool {
        words.contains("in chunked-encoding") || words.contains("Too large response headers")
    }

    /// Whether the peer closed in the middle of the handshake, which says nothing about trust.
    private var isBrokenHandshake: Bool {
        ["SSL_connect:", "unexpected eof", "Recv failure", "Send failure"]
            .contains { words.contains($0) }
    }
}
