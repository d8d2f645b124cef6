// Which hosts are hosts.

import Testing

@testable import HTTP

@Suite struct AuthorityTests {
    @Test(arguments: [
        "a", "localhost:8000", "127.0.0.1", "a_b", "example.com.", "h%41", "a;b", "h:", "[::]",
        "[::1]:80", "[1:2:3:4:5:6:7:8]", "[1::8]", "[::ffff:127.0.0.1]", "[1:2:3:4:5:6:1.2.3.4]",
        "[v1.a:b]",
    ])
    func `accepts`(host: String) {
        #expect(isValid(host))
    }

    @Test(arguments: [
        "", ":80", "a b", "u@h", "a/b", "a?b", "a#b", "h:abc", "h:80:80", "h%zz", "h%4", "<h>",
        "é", "[", "[]", "[::1", "::1", "[::1]x", "[zz]", "[1::2::3]", "[:::]", "[1:2:3:4:5:6:7]",
        "[1:2:3:4:5:6:7:8:9]", "[1:2:3:4:5:6:7:1.2.3.4]", "[12345::]", "[::1.2.3]", "[::1.2.3.256]",
        "[::01.2.3.4]", "[1:]", "[:1]", "[v.a]", "[v1.]", "[va]",
    ])
    func `refuses`(host: String) {
        #expect(!isValid(host))
    }

    private func isValid(_ host: String) -> Bool {
        let bytes = Array(host.utf8)
        return Authority.isValid(bytes.span, 0..<bytes.count)
    }
}
