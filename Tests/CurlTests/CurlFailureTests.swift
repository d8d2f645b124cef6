// The kinds of curl's codes, and the secrets that stay out of their words.

import CCurl
import Testing

@testable import Curl

struct CurlFailureTests {
    private func error(
        _ code: CURLcode, _ words: String = "words", wasConnected: Bool = true,
        secrets: [String] = []
    ) -> CurlError {
        CurlFailure(code: code, words: words, wasConnected: wasConnected)
            .error(host: "h", secrets: secrets, otherwise: "in general")
    }

    @Test func `one code may mean several things`() {
        #expect(error(CURLE_UNSUPPORTED_PROTOCOL) == .malformed("h: words"))
        #expect(
            error(CURLE_UNSUPPORTED_PROTOCOL, wasConnected: false) == .refused("h: words"))
        #expect(error(CURLE_RECV_ERROR) == .cutShort("h: words"))
        #expect(
            error(CURLE_RECV_ERROR, "Illegal or missing hexadecimal sequence in chunked-encoding")
                == .malformed("h: Illegal or missing hexadecimal sequence in chunked-encoding"))
        #expect(error(CURLE_SSL_CONNECT_ERROR) == .tls("h: words"))
        #expect(
            error(CURLE_SSL_CONNECT_ERROR, "Recv failure: reset")
                == .cannotConnect("h: Recv failure: reset"))
        #expect(error(CURLE_PEER_FAILED_VERIFICATION) == .tls("h: words"))
        #expect(error(CURLE_READ_ERROR) == .other(26, "h: words"))
    }

    @Test(arguments: [CURLE_RECV_ERROR, CURLE_COULDNT_CONNECT, CURLE_OPERATION_TIMEDOUT])
    func `a proxy that refuses the tunnel is an error with its status`(code: CURLcode) {
        let refusals = [
            ("CONNECT tunnel failed, response 403", 403),
            ("CONNECT tunnel failed, response 502", 502),
            ("Received HTTP code 407 from proxy after CONNECT", 407),
        ]
        for (words, status) in refusals {
            let found = error(code, words)
            #expect(found == .proxyRefused("h: \(words)", status: status))
            #expect("\(found)".contains("USER:PASSWORD") == (status == 407))
        }
        // curl reports 0 for a response that is not HTTP.
        let none = "CONNECT tunnel failed, response 0"
        #expect(error(CURLE_RECV_ERROR, none) == .cutShort("h: \(none)"))
        #expect(error(CURLE_RECV_ERROR, "Recv failure: 104") == .cutShort("h: Recv failure: 104"))
    }

    @Test func `words that repeat a secret are replaced`() {
        let secrets = ["/", "/bot12:abc/send", "Bearer x"]
        #expect(
            error(CURLE_RECV_ERROR, "failed at /bot12:abc/send", secrets: secrets)
                == .cutShort("h: in general"))
        #expect(error(CURLE_RECV_ERROR, "a/b", secrets: secrets) == .cutShort("h: a/b"))
    }
}
