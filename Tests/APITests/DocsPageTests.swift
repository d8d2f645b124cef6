// The documentation page: complete, without markup of others, and self-contained.

import APITypes
import HTTP
import JSON
import Testing

@testable import API

@Suite struct DocsPageTests {
    private func page() async -> Reply {
        await Fixture().send("GET", "/docs", headers: [:])
    }

    @Test func `shows every route, shape and status of the document`() async {
        let page = await page()
        #expect(page.headers["Content-Type"] == "text/html; charset=utf-8")
        let document = await Fixture().send("GET", "/openapi.json", headers: [:]).json
        for path in document["paths"]?.members ?? [] {
            #expect(page.text.contains("<code>\(path.name)</code>"))
        }
        for schema in document["components"]?["schemas"]?.members ?? [] {
            #expect(page.text.contains("id=\"\(schema.name)\""))
        }
        for status in ["200", "202", "400", "401", "403", "404", "422", "503"] {
            #expect(page.text.contains("<code>\(status)</code>"))
        }
    }

    @Test func `command lines name the address that was asked, and the token where there is one`()
        async
    {
        for (host, address) in [
            ("data-server:8000", "http://data-server:8000"), ("[::1]:9", "http://[::1]:9"),
            ("a$(id)", "http://localhost:8000"), ("a&b", "http://localhost:8000"),
        ] {
            let page = await Fixture(token: "t").send("GET", "/docs", headers: ["Host": host])
            #expect(page.text.contains("curl \(address)/jobs "))
            #expect(page.text.contains("curl -X DELETE \(address)/jobs/1 "))
            #expect(page.text.contains("X-API-Token: $API_TOKEN"))
        }
        #expect(!(await page()).text.contains("$API_TOKEN"))
    }

    @Test func `command lines name what a proxy in front is asked by`() async {
        for (scheme, prefix, address) in [
            ("https", "/tardis", "https://data.example/tardis"),
            ("https", "/a/b.c/", "https://data.example/a/b.c"),
            ("http", "", "http://data.example"), ("ftp", "tardis", "http://data.example"),
            ("https", "/$(id)", "https://data.example"),
            ("https", "/<b>", "https://data.example"),
            ("https", "/" + String(repeating: "a", count: 200), "https://data.example"),
        ] {
            let page = await Fixture(token: "t").send(
                "GET", "/docs",
                headers: [
                    "Host": "data.example", "X-Forwarded-Proto": scheme,
                    "X-Forwarded-Prefix": prefix,
                ])
            #expect(page.text.contains("curl \(address)/jobs "), "\(scheme) \(prefix)")
        }
    }

    @Test func `loads nothing and runs nothing`() async {
        let page = await page()
        for word in ["<script", "src=", "@import", "url(", "<link", "<form", " style=", " onclick"]
        {
            #expect(!page.text.contains(word))
        }
        #expect(
            page.headers["Content-Security-Policy"]?.hasPrefix(
                "default-src 'none'; style-src 'sha256-") == true)
        let links = page.text.split(separator: "href=\"").dropFirst()
            .map { $0.prefix { $0 != "\"" } }
        #expect(links.allSatisfy { $0.hasPrefix("#") || $0 == "openapi.json" })
    }

    @Test func `the page's style is the text whose hash the policy holds`() async throws {
        let page = await page()
        let start = try #require(page.text.range(of: "<style>"))
        let end = try #require(page.text.range(of: "</style>"))
        let style = String(page.text[start.upperBound..<end.lowerBound])
        #expect(style == String(describing: DocsStyle.text))
        #expect(!style.contains("<"))
    }

    @Test func `texts of the document cannot become markup`() {
        let document: JSONValue = [
            "info": ["title": "<script>alert('x')</script>", "description": "a & `<em>`"],
            "paths": [
                "/<i>": ["get": ["operationId": "\" onload=\"x", "summary": "</details>"]]
            ],
        ]
        let page = DocsWriter(document).page
        for markup in ["<script>", "<i>", "<em>", "\" onload"] { #expect(!page.contains(markup)) }
        #expect(page.contains("a &amp; <code>&lt;em&gt;</code>"))
        #expect(page.contains("<code>/&lt;i&gt;</code>"))
    }
}

extension String {
    /// Where a text stands, without Foundation.
    fileprivate func range(of part: String) -> Range<Index>? {
        indices.lazy.compactMap { start in
            self[start...].hasPrefix(part)
                ? start..<self.index(start, offsetBy: part.count) : nil
        }.first
    }
}
