// Valid base URLs, and the messages for others.

import Testing

@testable import APIClient

@Suite struct ServiceAddressTests {
    @Test(arguments: [
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://localhost:8000/", "http://localhost:8000"),
        ("HTTPS://data.example/tardis//", "HTTPS://data.example/tardis"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ])
    func `accepts a base URL and drops slashes at its end`(text: String, url: String) throws {
        #expect(try ServiceAddress(text).url == url)
    }

    @Test(arguments: [
        ("localhost:8000", ServiceAddressError.noScheme("localhost:8000")),
        ("ftp://x", .noScheme("ftp://x")),
        ("http://", .noHost),
        ("http:///jobs", .noHost),
        ("http://:8000", .noHost),
        ("http://host/?a=b", .hasQuery),
        ("http://host#x", .hasQuery),
        ("http://user:secret@host", .hasCredentials),
        ("http://ho st", .strangeCharacters),
        ("http://host\r\nX: y", .strangeCharacters),
    ])
    func `refuses what is no base URL`(text: String, error: ServiceAddressError) {
        #expect(throws: error) { try ServiceAddress(text) }
    }

    @Test(arguments: [
        ("http://h:1/docs", "http://h:1"), ("https://h/a/b/", "https://h"), ("http://h:1/", nil),
    ])
    func `knows the URL without its path`(text: String, origin: String?) throws {
        #expect(try ServiceAddress(text).origin == origin)
    }

    @Test func `suggests a missing scheme`() {
        #expect(
            "\(ServiceAddressError.noScheme("localhost:8000"))".contains("http://localhost:8000"))
    }

    @Test func `repeats no password`() {
        #expect(!"\(ServiceAddressError.noScheme("me:secret@host"))".contains("secret"))
        #expect(!"\(ServiceAddressError.hasCredentials)".contains("secret"))
    }

    @Test(arguments: [
        ("http://localhost:8000", true), ("http://127.0.0.1", true), ("http://[::1]:1", true),
        ("http://LOCALHOST/x", true), ("http://data.example", false),
        ("http://localhost.example", false),
    ])
    func `recognises this machine, which no proxy can reach`(text: String, loopback: Bool) throws {
        #expect(try ServiceAddress(text).isLoopback == loopback)
    }
}
