// Requests that are refused before curl sees them.

import TestSupport
import Testing

@testable import Curl

struct RequestCheckTests {
    private func refusal(of request: TransferRequest) -> String? {
        do throws(CurlError) {
            _ = try RequestCheck.target(of: request)
            return nil
        } catch {
            return error.description
        }
    }

    @Test(arguments: ["a\r\nX-Injected: 1", "a\nb", "a\rb", "a\u{0}b", "a\u{7f}"])
    func `a header value with a control character is refused and not repeated`(value: String) {
        let request = TransferRequest(
            url: "https://h/", headers: [("Authorization", "Bearer \(value)")])
        let words = refusal(of: request)
        #expect(words?.contains("Authorization") == true)
        #expect(words?.contains("Bearer") == false)
    }

    @Test(arguments: ["", "A B", "A:", "A\r\nB", "Ä"])
    func `a header name that is no token is refused`(name: String) {
        #expect(refusal(of: TransferRequest(url: "https://h/", headers: [(name, "v")])) != nil)
    }

    @Test(arguments: ["", "GET /", "G\r\n"])
    func `a method that is no token is refused`(method: String) {
        #expect(refusal(of: TransferRequest(method: method, url: "https://h/")) != nil)
    }

    @Test(arguments: ["", "h/x", "https://", "https://h/a b", "https://h/\n", "http"])
    func `a URL that is not absolute or not clean is refused`(url: String) {
        #expect(refusal(of: TransferRequest(url: url)) != nil)
    }

    @Test func `a header value may contain tabs and text beyond ASCII`() {
        let headers = [("X-A", "a\tb"), ("X-B", "ü")]
        #expect(refusal(of: TransferRequest(url: "https://h/", headers: headers)) == nil)
    }

    @Test func `the host is read as curl reads it`() {
        #expect(TransferTarget("http://good.example@evil.example:80/x")?.host == "evil.example")
        #expect(TransferTarget("HTTPS://[::1]:8443/x")?.host == "[::1]")
        #expect(TransferTarget("HTTPS://h")?.scheme == "https")
    }

    @Test(arguments: [
        ("x", "https://h/a/x"), ("/x?y", "https://h/x?y"), ("//i/x", "https://i/x"),
        ("http://i/x", "http://i/x"), ("?q", "https://h/a/b?q"), ("file:///etc", "file:///etc"),
        ("../../x", "https://h/x"),
    ])
    func `a Location is resolved against the URL of its response`(
        location: String, expected: String
    ) {
        #expect(TransferTarget.resolve(location, from: "https://h/a/b?c") == expected)
    }

    @Test(arguments: [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1",
        "::ffff:127.0.0.1", "64:ff9b::a00:1", "ff02::1", "2001:db8::1", "fe80::1%eth0", "", "host",
        "198.18.0.1", "192.88.99.1", "2002:0a00:0001::1", "2001:0:4136:e378::1", "3fff::1",
        "4000::1",
    ])
    func `special addresses are not public`(address: String) {
        #expect(!AddressPolicy.publicOnly().allows(address))
        #expect(AddressPolicy.any.allows(address))
    }

    @Test(arguments: ["1.1.1.1", "172.32.0.1", "11.0.0.1", "2606:4700::1111", "::ffff:1.1.1.1"])
    func `other addresses are public`(address: String) {
        #expect(AddressPolicy.publicOnly().allows(address))
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.9.9.9", true), ("10.0.0.0/8", "172.16.0.1", false),
        ("192.168.7.1", "192.168.7.1", true), ("192.168.7.1", "192.168.7.2", false),
        ("fd00::/8", "fd12::1", true), ("fd00::/8", "fe80::1", false),
        ("10.0.0.0/8", "::ffff:10.1.1.1", true), ("0.0.0.0/0", "10.0.0.1", true),
    ])
    func `networks may be allowed by name`(network: String, address: String, isAllowed: Bool) {
        let policy = AddressPolicy.publicOnly(allowing: [network].compactMap(AddressNetwork.init))
        #expect(policy.allows(address) == isAllowed)
    }

    @Test(arguments: ["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0/8", "host", "", "/8"])
    func `text that is no network is refused`(text: String) {
        #expect(AddressNetwork(text) == nil)
    }

    @Test(arguments: [
        "10.0.0.1", "[::1]", "localhost", "LOCALHOST.", "a.localhost", "0x7f.1", "2130706433",
        "[::ffff:169.254.169.254]",
    ])
    func `a special address in the URL is refused before the request is sent`(host: String) {
        let request = TransferRequest(url: "http://\(host)/x", addresses: .publicOnly())
        #expect(refusal(of: request)?.hasPrefix("the address is not allowed") == true)
        #expect(
            refusal(of: TransferRequest(url: "http://\(host)/x", addresses: .any)) == nil)
    }
}
