// The list of fields.

import Testing

@testable import HTTP

@Suite struct HeadersTests {
    @Test func `finds a field in any case`() {
        let headers = Headers(["Content-Type": "a", "x-user": "b"])
        #expect(headers["content-type"] == "a")
        #expect(headers["X-User"] == "b")
        #expect(headers["X-Use"] == nil)
    }

    @Test func `tells characters apart that differ in the case bit only`() {
        let headers = Headers(["X^": "a"])
        #expect(headers["X~"] == nil)
    }

    @Test func `keeps all values in order`() {
        var headers = Headers(["A": "1", "B": "2"])
        headers.append("a", "3")
        #expect(headers.all("A") == ["1", "3"])
        #expect(headers.count == 3)
    }

    @Test func `replaces every line with the name`() {
        var headers = Headers(["A": "1", "B": "2", "a": "3"])
        headers.set("A", "4")
        var lines: [String] = []
        headers.forEach { lines.append("\($0)=\($1)") }
        #expect(lines == ["B=2", "A=4"])
    }

    @Test func `a value is UTF-8, or else Latin-1`() {
        func value(_ bytes: [UInt8]) -> String? {
            let end = UInt32(1 + bytes.count)
            let field = Headers.Field(nameStart: 0, nameEnd: 1, valueStart: 1, valueEnd: end)
            var headers = Headers()
            headers.begin(with: ([UInt8(ascii: "A")] + bytes)[...])
            headers.note(field)
            return headers["a"]
        }
        #expect(value([0x5A, 0x6F, 0xC3, 0xAB]) == "Zoë")
        #expect(value([0x5A, 0x6F, 0xEB]) == "Zoë")
        #expect(value([0xC3, 0xAB, 0xEB]) == "Ã«ë")
    }

    @Test func `is empty at first`() {
        #expect(Headers().isEmpty)
    }
}
