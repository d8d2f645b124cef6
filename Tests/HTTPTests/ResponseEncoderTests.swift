// Answers as bytes.

import Testing

@testable import HTTP

@Suite struct ResponseEncoderTests {
    @Test func `writes a whole head`() {
        var encoder = ResponseEncoder(commonHeaders: [("X-Frame-Options", "DENY")])
        encoder.setDate(784_111_777)
        var bytes: [UInt8] = []
        encoder.appendHead(
            .ok, Headers(["Content-Type": "text/plain"]), .length(5), ResponseRules(),
            keepsOpen: true, identifier: "id-1", to: &bytes)
        #expect(
            String(decoding: bytes, as: UTF8.self) == """
                HTTP/1.1 200 OK\r
                Date: Sun, 06 Nov 1994 08:49:37 GMT\r
                X-Frame-Options: DENY\r
                X-Request-ID: id-1\r
                Content-Type: text/plain\r
                Content-Length: 5\r
                \r\n
                """)
    }

    @Test(
        arguments: [
            (204, 5, ResponseEncoder.Framing.none), (304, 5, .none), (200, 5, .length(5)),
            (200, nil, .chunked),
        ] as [(Int, Int?, ResponseEncoder.Framing)])
    func `frames a body as its status wants`(
        code: Int, length: Int?, wanted: ResponseEncoder.Framing
    ) {
        #expect(ResponseEncoder.framing(Status(code), length: length, ResponseRules()) == wanted)
    }

    @Test func `ends a body of unknown length with the connection for HTTP 1_0`() {
        let rules = ResponseRules(minorVersion: 0)
        let framing = ResponseEncoder.framing(.ok, length: nil, rules)
        #expect(framing == .untilClose)
        #expect(!ResponseEncoder.keepsOpen(Response(status: .ok), framing, rules))
        #expect(head(framing, rules, keepsOpen: false).contains("Connection: close\r\n"))
    }

    @Test func `grants keep-alive to HTTP 1_0 in words`() {
        let rules = ResponseRules(minorVersion: 0)
        #expect(head(.length(0), rules, keepsOpen: true).contains("Connection: keep-alive\r\n"))
        #expect(!head(.length(0), ResponseRules(), keepsOpen: true).contains("Connection"))
    }

    @Test func `closes when the handler wants it`() {
        let response = Response(status: .ok, headers: Headers(["connection": "Close"]))
        #expect(!ResponseEncoder.keepsOpen(response, .length(0), ResponseRules()))
    }

    @Test func `leaves out what is the server's own to say`() {
        let headers = Headers([
            "Content-Length": "99", "Transfer-Encoding": "chunked", "Date": "now",
            "Connection": "upgrade", "x-request-id": "other", "Keep-Alive": "1", "X": "y",
        ])
        let text = head(.length(0), ResponseRules(), keepsOpen: true, headers)
        let names = text.split(separator: "\r\n").dropFirst().compactMap {
            $0.split(separator: ":").first.map(String.init)
        }
        #expect(names == ["Date", "X-Request-ID", "X", "Content-Length"])
        #expect(!text.contains("99"))
    }

    @Test func `has an answer's own field take the place of a common one`() {
        var encoder = ResponseEncoder(commonHeaders: [
            ("X-Frame-Options", "DENY"), ("Cache-Control", "no-store"), ("Long", "1"),
        ])
        let own = Headers(["cache-control": "no-cache", "Lang": "en"])
        var bytes: [UInt8] = []
        for headers in [own, Headers()] {
            encoder.appendHead(
                .ok, headers, .none, ResponseRules(), keepsOpen: true, identifier: "id", to: &bytes)
        }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n")
        let rest = lines.filter { !$0.hasPrefix("HTTP") && !$0.hasPrefix("Date") }
        #expect(
            rest == [
                "X-Frame-Options: DENY", "Long: 1", "X-Request-ID: id", "cache-control: no-cache",
                "Lang: en", "X-Frame-Options: DENY", "Cache-Control: no-store", "Long: 1",
                "X-Request-ID: id",
            ])
    }

    @Test func `lets no value become a line of its own`() {
        let headers = Headers(["X": "a\r\nSet-Cookie: b\u{0}", "Bad Name": "c", "": "d"])
        let text = head(.length(0), ResponseRules(), keepsOpen: true, headers)
        #expect(text.contains("X: a  Set-Cookie: b \r\n"))
        #expect(!text.contains("\r\nSet-Cookie"))
        #expect(!text.contains("Bad Name"))
    }

    @Test func `keeps the space before an empty reason`() {
        var bytes: [UInt8] = []
        var encoder = ResponseEncoder()
        encoder.appendHead(
            Status(299), Headers(), .none, ResponseRules(), keepsOpen: true, identifier: "",
            to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("HTTP/1.1 299 \r\n"))
    }

    @Test(
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (951_827_696, "Tue, 29 Feb 2000 12:34:56 GMT"),
            (1_704_067_199, "Sun, 31 Dec 2023 23:59:59 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
        ] as [(Int64, String)])
    func `writes dates`(seconds: Int64, text: String) {
        #expect(String(decoding: DateLine.text(seconds), as: UTF8.self) == text)
    }

    private func head(
        _ framing: ResponseEncoder.Framing, _ rules: ResponseRules, keepsOpen: Bool,
        _ headers: Headers = Headers()
    ) -> String {
        var bytes: [UInt8] = []
        var encoder = ResponseEncoder()
        encoder.appendHead(
            .ok, headers, framing, rules, keepsOpen: keepsOpen, identifier: "id", to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
