// Tokens: permissions, the fields that carry them, and guesses.

import Datasets
import HTTP
import Testing

@testable import API

@Suite struct TokenTests {
    private static func ask(
        _ fixture: Fixture, _ headers: KeyValuePairs<String, String>,
        _ method: String = "PATCH", _ target: String = "/settings/limits"
    ) async -> Reply {
        await fixture.send(method, target, headers: headers, body: #"{"transfers":8}"#)
    }

    @Test func `the administrators' token makes an administrator, and a name does not`() async {
        let fixture = Fixture(
            token: "users", users: ["ann"], admins: ["boss"], adminToken: "admins")
        for (token, user, status) in [
            ("users", "boss", 403), ("users", "ann", 403), ("admins", "boss", 200),
            ("admins", "ann", 200), ("admins", "carol", 200), ("users", "carol", 403),
            ("other", "boss", 401),
        ] {
            let reply = await TokenTests.ask(
                fixture, ["X-Username": user, "X-API-Token": token])
            #expect(reply.status == status, "\(token) \(user)")
        }
        // A name of ADMIN_USERS may ask, as a user like others.
        let reply = await TokenTests.ask(
            fixture, ["X-Username": "boss", "X-API-Token": "users"], "GET", "/jobs")
        #expect(reply.status == 200)
        let events = await TokenTests.ask(
            fixture, ["X-Username": "boss", "X-API-Token": "users"], "GET", "/events")
        #expect(events.status == 403)
    }

    @Test func `without a users' token the administrators' token still makes an administrator`()
        async
    {
        let fixture = Fixture(admins: ["boss"], adminToken: "admins")
        #expect(await TokenTests.ask(fixture, ["X-Username": "boss"]).status == 403)
        #expect(await TokenTests.ask(fixture, ["X-Username": "boss"], "GET", "/jobs").status == 200)
        let headers: KeyValuePairs = ["X-Username": "ann", "X-API-Token": "admins"]
        #expect(await TokenTests.ask(fixture, headers).status == 200)
        let guess: KeyValuePairs = ["X-Username": "ann", "X-API-Token": "guess"]
        #expect(await TokenTests.ask(fixture, guess, "GET", "/jobs").status == 401)
    }

    @Test func `a token may come as Authorization: Bearer`() async {
        let fixture = Fixture(token: "users", adminToken: "admins")
        for (value, status) in [
            ("Bearer users", 200), ("bearer users", 200), ("BEARER   users", 200),
            ("Bearer admins", 200), ("Bearer user", 401), ("Bearer", 401), ("Bearer ", 401),
            ("Basic users", 401), ("users", 401),
        ] {
            let reply = await TokenTests.ask(
                fixture, ["X-Username": "ann", "Authorization": value], "GET", "/jobs")
            #expect(reply.status == status, "\(value)")
        }
        // A proxy's own credentials are not the service's business.
        for (token, status) in [("users", 200), ("user", 401)] {
            let reply = await TokenTests.ask(
                fixture,
                ["X-Username": "ann", "X-API-Token": token, "Authorization": "Bearer proxy"],
                "GET", "/jobs")
            #expect(reply.status == status)
        }
    }

    @Test func `guesses are slowed down, and the right token is accepted`() async {
        let fixture = Fixture(
            token: "users", adminToken: "admins", time: FixedTime(sleepsEnd: true))
        func status(_ token: String, from peer: String = "10.0.0.1") async -> Int {
            let request = Request(
                method: .get, path: "/jobs",
                headers: Headers(["X-Username": "ann", "X-API-Token": token]), id: "1", peer: peer)
            let response = await fixture.api.respond(to: request)
            if response.status == .tooManyRequests {
                #expect((1...60).contains(Int(response.headers["Retry-After"] ?? "") ?? 0))
            }
            return response.status.code
        }
        for _ in 0..<TokenThrottle.wrongMax { #expect(await status("guess") == 401) }
        for _ in 0..<3 { #expect(await status("guess") == 429) }
        #expect(await status("users") == 200)
        #expect(await status("admins") == 200)
        #expect(await status("guess") == 429)
        #expect(await status("guess", from: "10.0.0.2") == 401)
        // One network of IPv6 is one customer.
        for host in 1...10 { #expect(await status("guess", from: "2001:db8:1:2::\(host)") == 401) }
        #expect(await status("guess", from: "2001:db8:1:2:3::9") == 429)
        #expect(await status("guess", from: "2001:db8:1:3::1") == 401)
        // No token is no guess.
        for _ in 0..<20 {
            let reply = await fixture.send("GET", "/jobs")
            #expect(reply.status == 401)
        }
    }

    @Test func `a token waits where guesses came from, unless it was right there before`() {
        let throttle = TokenThrottle()
        let now = Fixture.now
        let peer = "10.0.0.1"
        #expect(throttle.verdict(on: .user, from: peer, at: now) == .take)
        for _ in 0..<TokenThrottle.wrongMax {
            #expect(throttle.verdict(on: .wrong, from: peer, at: now) == .take)
        }
        #expect(throttle.verdict(on: .user, from: peer, at: now) == .take)
        // Right or wrong is not revealed before the pause.
        for _ in 0..<2 {
            #expect(throttle.verdict(on: .admin, from: peer, at: now) == .wait)
            #expect(throttle.verdict(on: .wrong, from: peer, at: now) == .wait)
        }
        let later = now + .seconds(10)
        #expect(
            throttle.verdict(on: .admin, from: peer, at: later)
                == .refuse(retryAfterSeconds: 50))
        #expect(
            throttle.waited(.wrong, from: peer, at: later) == .refuse(retryAfterSeconds: 50))
        #expect(throttle.waited(.admin, from: peer, at: later) == .take)
        #expect(throttle.verdict(on: .admin, from: peer, at: later) == .take)
        _ = throttle.waited(.wrong, from: peer, at: later)
        _ = throttle.waited(.admin, from: peer, at: later)
        // After a minute, or when the clock was set back, the count begins anew.
        for time in [now + .seconds(61), now + .seconds(-5)] {
            #expect(throttle.verdict(on: .wrong, from: peer, at: time) == .take)
        }
    }
}
