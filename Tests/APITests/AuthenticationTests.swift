// Permissions for every combination of token, name and list.

import APITypes
import HTTP
import JSON
import Jobs
import TestSupport
import Testing

@testable import API

@Suite struct AuthenticationTests {
    private static let closed = [
        ("POST", "/download"), ("GET", "/jobs"), ("GET", "/jobs/1"), ("GET", "/jobs/1/status"),
        ("HEAD", "/jobs"), ("GET", "/jobs/abc"), ("GET", "/jobs?limit=x"),
        ("DELETE", "/jobs/1"), ("PATCH", "/jobs/1"), ("POST", "/jobs/1/cancel"),
        ("POST", "/jobs/actions"), ("GET", "/jobs/1/events"), ("GET", "/events"),
    ]
    private static let missing =
        #"{"detail":"Missing X-Username header. Please provide your username."}"#

    private func ask(
        _ headers: KeyValuePairs<String, String>, token: String? = nil, users: [String] = [],
        _ method: String = "GET", _ target: String = "/jobs"
    ) async -> Reply {
        await Fixture(token: token, users: users).send(method, target, headers: headers)
    }

    @Test(arguments: closed)
    func `a name is required before anything else is checked`(
        method: String, target: String
    ) async {
        for headers in [[:], ["X-Username": ""], ["X-Username": " \t "]]
            as [KeyValuePairs<String, String>]
        {
            let reply = await ask(headers, method, target)
            #expect(reply.status == 400)
            #expect(reply.text == AuthenticationTests.missing)
        }
    }

    @Test(arguments: closed)
    func `a token that is set is checked first`(method: String, target: String) async {
        for headers in [
            [:], ["X-Username": "ann"], ["X-Username": "ann", "X-API-Token": ""],
            ["X-Username": "ann", "X-API-Token": "secre"],
            ["X-Username": "ann", "X-API-Token": "secrets"],
            ["X-Username": "ann", "X-API-Token": "secretsecret"],
            ["X-Username": "ann", "X-API-Token": "SECRET"],
            ["X-Username": "ann", "X-API-Token": "secret", "x-api-token": "secret"],
        ] as [KeyValuePairs<String, String>] {
            let reply = await ask(headers, token: "secret", users: ["bob"], method, target)
            #expect(reply.status == 401)
            #expect(reply.text == #"{"detail":"Invalid or missing API token"}"#)
            #expect(
                reply.headers["WWW-Authenticate"]
                    == #"ApiKey realm="download-service", header="X-API-Token", "#
                    + #"Bearer realm="download-service""#)
        }
    }

    @Test func `after the right token the name is checked`() async {
        #expect(await ask(["X-API-Token": "secret"], token: "secret").status == 400)
        #expect(
            await ask(["x-api-token": "secret", "x-username": "ann"], token: "secret").status
                == 200)
        #expect(await ask(["X-API-Token": "anything", "X-Username": "ann"]).status == 200)
    }

    @Test func `the list is enforced by whole names`() async {
        let users = ["ann", "bob"]
        #expect(await ask(["X-Username": "bob"], users: users).status == 200)
        #expect(await ask(["X-Username": " bob "], users: users).status == 200)
        for user in ["eve", "an", "annn", "Ann", "ann,bob", "*"] {
            let reply = await ask(["X-Username": user], users: users)
            #expect(reply.status == 403)
            #expect(reply.text.contains(user))
            #expect(!reply.text.contains("bob") || user.contains("bob"))
        }
    }

    @Test func `administrators are allowed users, and others stay ordinary users`() throws {
        let authentication = Authentication(
            AuthenticationSettings(allowedUsers: ["ann"], adminUsers: ["root"]))
        func principal(_ name: String) throws -> Principal {
            try authentication.principal(
                of: Request(
                    method: .get, path: "/jobs", headers: Headers(["X-Username": name]),
                    peer: "10.0.0.7"), with: .none)
        }
        #expect(try principal("ann") == Principal(name: "ann", address: "10.0.0.7"))
        #expect(
            try principal("root") == Principal(name: "root", address: "10.0.0.7", isAdmin: true))
        #expect(throws: APIError.notAllowed(user: "eve")) { try principal("eve") }
        // Without a list every user may send requests, and none is an administrator.
        let open = Authentication(AuthenticationSettings())
        let principal = try open.principal(
            of: Request(method: .get, path: "/", headers: Headers(["X-Username": "root"])),
            with: .none)
        #expect(!principal.isAdmin)
    }

    @Test func `names are printable and not too long`() async {
        #expect(await ask(["X-Username": String(repeating: "é", count: 100)]).status == 200)
        #expect(await ask(["X-Username": "Ann O'Neil <a@b>"]).status == 200)
        for name in [
            String(repeating: "a", count: 101), "a\u{7F}b", "a\u{202E}b", "a\u{0}b", "a\u{FFFD}",
            "a\u{200B}b", "a\u{2028}b",
        ] {
            let reply = await ask(["X-Username": name])
            #expect(reply.status == 400)
            #expect(reply.text != AuthenticationTests.missing)
        }
        #expect(await ask(["X-Username": "ann", "x-username": "bob"]).status == 400)
    }

    @Test func `blanks around a name are not part of it, of any kind`() async {
        let flag = "\u{1F1E9}"
        let fifty = String(repeating: flag, count: 50)
        for name in [fifty, "a\u{A0}b", "é", "a b"] {
            let reply = await ask(["X-Username": "\u{A0}\t \(name) \u{3000}"], users: [name])
            #expect(reply.status == 200)
        }
        let reply = await ask(["X-Username": String(repeating: flag, count: 8_000)])
        #expect(reply.status == 400)
        #expect(reply.text.contains("at most 100 characters"))
    }

    @Test(arguments: ["/", "/health", "/docs", "/openapi.json"])
    func `open routes ask for nothing`(path: String) async {
        let reply = await ask([:], token: "secret", users: ["ann"], "GET", path)
        #expect(reply.status == 200)
    }

    @Test func `no secret is shown or logged`() async {
        let fixture = Fixture(token: "s3cr3t-value", users: ["carol"])
        for path in ["/", "/health", "/docs", "/openapi.json", "/jobs", "/nope"] {
            let reply = await fixture.send(
                "GET", path, headers: ["X-Username": "eve", "X-API-Token": "guess"])
            #expect(!reply.text.contains("s3cr3t"))
            #expect(!reply.text.contains("carol"))
            #expect(!reply.text.contains("guess"))
        }
        #expect(!fixture.log.lines.contains { $0.contains("s3cr3t") || $0.contains("guess") })
        let settings = AuthenticationSettings(token: "s3cr3t", allowedUsers: ["ann"])
        #expect(!"\(settings)".contains("s3cr3t"))
    }

    @Test func `a name is the same however its signs are put together`() async throws {
        let (composed, apart) = ("jos\u{E9}", "jose\u{301}")
        for (listed, asked) in [(composed, apart), (apart, composed)] {
            let fixture = Fixture(users: [listed], admins: ["root"])
            let headers: KeyValuePairs = [
                "X-Username": asked, "Content-Type": "application/json",
            ]
            let submitted = await fixture.send(
                "POST", "/download", headers: headers, body: Fixture.goodBody)
            #expect(submitted.status == 202)
            let user = try #require(await fixture.store.jobs[JobID(1)]?.createdBy)
            #expect(user.utf8.elementsEqual(composed.utf8))
            for query in ["jos%C3%A9", "jose%CC%81"] {
                let page = await fixture.send("GET", "/jobs?user=\(query)", headers: headers)
                #expect(page.json["total"] == 1)
            }
            let bulk = await fixture.send(
                "POST", "/jobs/actions", headers: ["X-Username": listed],
                body: #"{"action":"pause","user":"\#(asked)"}"#)
            #expect(bulk.json["matched"] == 1)
            #expect(bulk.json["done"] == 1)
        }
        let admin = Fixture(admins: [apart])
        let change = await admin.send(
            "PATCH", "/settings/limits",
            headers: ["X-Username": composed, "Content-Type": "application/json"],
            body: #"{"transfers":8}"#)
        #expect(change.status == 200)
    }
}
