// What curl's result codes mean to callers (libcurl-errors(3), and curl 7.88's own sources where
// one code stands for several things). It must not see a handle.

import CCurl

/// A transfer that curl gave up.
struct CurlFailure {
    var code: CURLcode
    /// curl's words for this very case.
    var words: String
    /// Whether there had been a connection.
    var wasConnected: Bool

    /// The error to throw.
    ///
    /// - Parameters:
    ///   - secrets: texts that must not be repeated; curl's words are dropped if they do.
    ///   - otherwise: what to say then.
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

    /// What a proxy answered that was asked for a tunnel, in curl's words: "Received HTTP code 407
    /// from proxy after CONNECT", "CONNECT tunnel failed, response 403".
    private var proxyStatus: Int? {
        guard words.contains("CONNECT") || words.contains("from proxy") else { return nil }
        let numbers = words.split { !$0.isASCII || !$0.isNumber }
        return numbers.lazy.filter { $0.count == 3 }.compactMap { Int($0) }.first
    }

    /// CURLE_TOO_LARGE, which takes the place of CURLE_OUT_OF_MEMORY from curl 8.6 on.
    private static let tooLarge = CURLcode(rawValue: 100)

    /// Whether the peer sent nonsense: chunks that are none, or more than 300 KiB of headers.
    private var isMalformedAnswer: Bool {
        words.contains("in chunked-encoding") || words.contains("Too large response headers")
    }

    /// Whether the peer left in the middle of the handshake, which says nothing about trust.
    private var isBrokenHandshake: Bool {
        ["SSL_connect:", "unexpected eof", "Recv failure", "Send failure"]
            .contains { words.contains($0) }
    }
}
