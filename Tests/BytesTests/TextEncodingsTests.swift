// Hexadecimal digits, percent-encoding and HTML.

import Testing

@testable import Bytes

@Suite struct TextEncodingsTests {
    @Test func `writes two lower-case digits for each byte`() {
        #expect(Hexadecimal.text([]) == "")
        #expect(Hexadecimal.text([0, 0x0A, 0xFF]) == "000aff")
    }

    @Test func `percent-encodes all but the unreserved characters`() {
        #expect(PercentEncoding.encode("aZ09-._~") == "aZ09-._~")
        #expect(PercentEncoding.encode("a b/\n?é") == "a%20b%2F%0A%3F%C3%A9")
    }

    @Test func `escapes what begins a tag, even with a combining mark after it`() {
        #expect(HTMLText.escape("a & <b> \"c\" 'd'") == "a &amp; &lt;b&gt; &quot;c&quot; 'd'")
        #expect(HTMLText.escape("<\u{301}b") == "&lt;\u{301}b")
    }
}
