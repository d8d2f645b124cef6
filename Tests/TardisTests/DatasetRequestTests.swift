// URLs as the official client makes them, and which redirects are followed.

import Curl
import Datasets
import TestSupport
import Testing

@testable import Tardis

@Suite struct OriginTests {
    @Test func `reads scheme, host and port`() {
        #expect(
            Origin("https://Datasets.Tardis.dev/v1") == Origin("HTTPS://datasets.tardis.dev:443"))
        #expect(Origin("http://a") == Origin("http://a:80/x?y"))
        #expect(Origin("http://[::1]:8080/x")?.port == 8080)
        #expect(Origin("http://[::1]/x")?.host == "[::1]")
        #expect(Origin("http://a") != Origin("https://a"))
    }

    @Test(arguments: [
        "", "a/b", "https:///x", "https://user@host/", #"https://host\@evil/"#, "https://a b/",
        "https://host:99999/", "https://host:x/", "file:///etc/passwd", "https://host%2eevil/",
    ])
    func `reads nothing whose host could be argued about`(url: String) {
        #expect(Origin(url) == nil)
    }

    @Test func `follows to storage without the key`() {
        #expect(
            verdict("https://s3.us-east-1.wasabisys.com/x?sig=1")
                == .follow(withKey: false, anyAddress: false))
    }

    @Test func `keeps the key on the configured origin only`() {
        #expect(verdict("https://up.example/v2/x") == .follow(withKey: true, anyAddress: true))
        #expect(verdict("https://up.example:444/x") == .follow(withKey: false, anyAddress: true))
        #expect(
            verdict("https://up.example.evil/x") == .follow(withKey: false, anyAddress: false))
    }

    @Test func `comes back to the upstream with the key`() {
        #expect(
            verdict("https://up.example/x", from: "https://other.example/")
                == .follow(withKey: true, anyAddress: true))
    }

    @Test func `lets an upstream on this machine use its other ports`() {
        #expect(
            verdict(
                "http://127.0.0.1:9001/x", from: "http://localhost:9000", "http://localhost:9000")
                == .follow(withKey: false, anyAddress: true))
        #expect(
            verdict("http://10.0.0.1/x", from: "http://localhost:9000", "http://localhost:9000")
                == .follow(withKey: false, anyAddress: false))
    }

    @Test(arguments: [
        "http://up.example/x", "file:///etc/passwd", "ftp://up.example/x", "gopher://x/",
        "nonsense",
    ])
    func `refuses other schemes and the way down to plain http`(location: String) {
        guard case .refuse = verdict(location) else {
            Issue.record("\(location) was followed")
            return
        }
    }

    @Test func `refuses a redirect to nowhere`() {
        guard case .refuse = verdict(nil) else {
            Issue.record("it was followed")
            return
        }
    }

    @Test func `a redirect may lead where the upstream itself is, or where it is allowed`() throws {
        let first = try #require(DatasetRequest(url: "http://up.example/v1/x"))
        func allows(
            _ address: String, from upstream: String?, _ allowed: [String] = []
        ) throws
            -> Bool
        {
            let next = try first.redirected(
                to: "http://storage.example/x", status: 302, from: upstream, redirectsMax: 5)
            let settings = TardisSettings(
                allowedNetworks: allowed.compactMap { AddressNetwork($0) })
            return next.transfer(settings: settings).addresses.allows(address)
        }
        #expect(try allows("198.18.3.4", from: "198.18.0.5"))
        #expect(try !allows("10.0.0.1", from: "198.18.0.5"))
        #expect(try !allows("198.18.3.4", from: "1.1.1.1"))
        #expect(try !allows("198.18.3.4", from: nil))
        #expect(try allows("10.0.0.1", from: nil, ["10.0.0.0/24"]))
        #expect(try !allows("10.0.1.1", from: nil, ["10.0.0.0/24"]))
        #expect(try allows("1.1.1.1", from: nil))
    }

    private func verdict(
        _ location: String?, from present: String = "https://up.example/v1",
        _ upstream: String = "https://up.example/v1"
    ) -> RedirectPolicy {
        RedirectPolicy(to: location, from: Origin(present)!, upstream: Origin(upstream)!)
    }
}

@Suite struct DatasetURLTests {
    @Test func `puts the file's parts in order`() {
        let file = DatasetFile.sample(
            exchange: "binance-futures", dataType: .incrementalBookL2, day: "2024-01-09",
            symbol: "BTCUSDT")
        #expect(
            url(file)
                == "https://d/v1/binance-futures/incremental_book_L2/2024/01/09/BTCUSDT.csv.gz")
    }

    @Test(arguments: [
        ("??USDT", "%3F%3FUSDT"), ("@107", "%40107"), ("BTC-PERPETUAL", "BTC-PERPETUAL"),
        ("A B", "A%20B"), ("BTC_USDC", "BTC_USDC"), ("É", "%C3%89"), ("A/B", "A%2FB"),
    ])
    func `encodes what has a meaning in URLs`(symbol: String, encoded: String) {
        #expect(url(.sample(symbol: symbol)).hasSuffix("/\(encoded).csv.gz"))
    }

    @Test func `tells retries apart for caches`() {
        #expect(url(.sample(), attempt: 1).hasSuffix(".csv.gz"))
        #expect(url(.sample(), attempt: 2).hasSuffix(".csv.gz?retryAttempt=1"))
        #expect(url(.sample(), attempt: 7).hasSuffix(".csv.gz?retryAttempt=6"))
    }

    private func url(_ file: DatasetFile, attempt: Int = 1) -> String {
        DatasetURL(file, base: "https://d/v1/", attempt: attempt).description
    }
}
