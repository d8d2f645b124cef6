// Whom a browser may take the service for: names of strangers, bodies of other sites' forms, and
// paths that a proxy has cut.

import APITypes
import HTTP
import JSON
import Testing

@testable import API

@Suite struct HostCheckTests {
    private static let strangers = [
        "evil.example", "evil.example:8000", "EVIL.EXAMPLE", "evil.example.",
        "127.0.0.1.evil.example", "localhost.evil.example", "local.example",
        "notinternal.example", "x.home.arpa.example",
    ]
    private static let own = [
        "127.0.0.1", "127.0.0.1:8000", "10.0.0.7", "[::1]", "[::1]:8000", "localhost",
        "LocalHost:8000", "data-server", "data-server:8000", "data-server.", "a.localhost",
        "nas.local", "x.corp.internal:1", "pi.home.arpa", "tardis.example.org",
        "Tardis.Example.Org:443", "tardis.example.org.",
    ]
    private static let allowed = ["Tardis.example.org"]

    private func ask(
        _ host: String, _ fixture: Fixture, _ target: String = "/jobs"
    ) async -> Reply {
        await fixture.send("GET", target, headers: ["X-Username": "ann", "Host": host])
    }

    @Test(arguments: strangers)
    func `an unknown host name is refused where no token is required`(host: String) async {
        for target in ["/", "/jobs", "/health", "/docs", "/nope"] {
            let reply = await ask(host, Fixture(hosts: HostCheckTests.allowed), target)
            #expect(reply.status == 421)
            #expect(reply.json["detail"]?.string?.contains("ALLOWED_HOSTS") == true)
        }
        #expect(await ask(host, Fixture(adminToken: "admins")).status == 421)
    }

    @Test(arguments: own)
    func `addresses, names of no public domain and listed ones are the service's`(
        host: String
    ) async {
        #expect(await ask(host, Fixture(hosts: HostCheckTests.allowed)).status == 200)
        let without = await Fixture().send("GET", "/jobs")
        #expect(without.status == 200)
    }

    @Test func `with a token an unknown host name is served, and logged once`() async {
        let fixture = Fixture(token: "users")
        for host in ["evil.example", "other.example"] {
            let reply = await fixture.send(
                "GET", "/jobs",
                headers: ["X-Username": "ann", "X-API-Token": "users", "Host": host])
            #expect(reply.status == 200)
        }
        let lines = fixture.log.lines.filter { $0.contains("ALLOWED_HOSTS") }
        #expect(lines.count == 1)
        #expect(lines.first?.contains("evil.example") == true)
    }

    @Test func `what a browser sends has to be declared as JSON`() async {
        for (type, status) in [
            ("application/json", 202), ("application/json; charset=utf-8", 202),
            ("text/plain", 415), ("text/plain;charset=UTF-8", 415),
            ("application/x-www-form-urlencoded", 415), ("multipart/form-data; boundary=x", 415),
            ("", 415),
        ] {
            let reply = await Fixture().send(
                "POST", "/download",
                headers: ["X-Username": "ann", "Origin": "null", "Content-Type": type],
                body: Fixture.goodBody)
            #expect(reply.status == status, "\(type)")
        }
        let bare = await Fixture().send(
            "POST", "/download",
            headers: ["X-Username": "ann", "Origin": "http://evil.example"],
            body: Fixture.goodBody)
        #expect(bare.status == 415)
        #expect(bare.headers["Accept"] == "application/json")
        // Scripts may go on as they did.
        let script = await Fixture().send("POST", "/download", body: Fixture.goodBody)
        #expect(script.status == 202)
    }

    @Test(arguments: [
        ("POST", "/jobs/1/cancel"), ("POST", "/jobs/1/retry"), ("POST", "/jobs/1/pause"),
        ("POST", "/jobs/1/resume"), ("POST", "/jobs/1/verify"), ("POST", "/jobs/1/accept-gaps"),
        ("PATCH", "/jobs/1"), ("POST", "/jobs/actions"), ("PATCH", "/settings/limits"),
        ("POST", "/settings/upstream/resume"), ("POST", "/settings/data-root/confirm"),
    ])
    func `what a browser sends to any route has to be declared as JSON`(
        method: String, target: String
    ) async {
        let fixture = Fixture(admins: ["ann"])
        _ = await fixture.finishJob()
        for type in ["text/plain", ""] {
            let reply = await fixture.send(
                method, target,
                headers: ["X-Username": "ann", "Origin": "null", "Content-Type": type], body: "x")
            #expect(reply.status == 415, "\(type)")
        }
    }
}
