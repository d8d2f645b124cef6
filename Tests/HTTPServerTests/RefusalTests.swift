// The responses to requests that cannot be parsed; the parser's corpus has the reasons.

import Testing

@Suite struct RefusalTests {
    private static let longPath = String(repeating: "a", count: 9_000)

    @Test(arguments: [
        (" / HTTP/3.0\r\n", 505), ("  / HTTP/1.1\r\n", 400), (" /\(longPath) HTTP/1.1\r\n", 414),
        (" / HTTP/1.1\r\nHost test\r\n", 400), (" / HTTP/1.1\r\n\r\n", 400),
        (" / HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\nExpect: x\r\n\r\n", 417),
        (" / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 400),
    ])
    func `a refused HEAD has no content, whatever is wrong with it`(
        rest: String, status: Int
    ) async throws {
        try await withServer { port, _ in
            for method in ["HEAD", "GET"] {
                let client = try TestClient(port: port)
                await client.send(method + rest)
                await client.finish()
                let answer = try await client.response(hasBody: false)
                #expect(answer.status == status)
                let length = try #require(answer.headers["content-length"].flatMap { Int($0) })
                #expect(length > 0)
                #expect(try await client.rest().utf8.count == (method == "HEAD" ? 0 : length))
            }
        }
    }
}
