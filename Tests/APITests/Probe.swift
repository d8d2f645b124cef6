// Requests that together cause every response that the API can give.

import JSON
import Jobs
import TestSupport

@testable import API

/// A request, and the service that it is sent to.
struct Probe {
    var method: String
    var target: String
    var headers: KeyValuePairs<String, String>
    var body: String
    var fixture: Fixture

    init(
        _ method: String, _ target: String,
        headers: KeyValuePairs<String, String> = ["X-Username": "ann"],
        body: String = Fixture.goodBody, fixture: Fixture = Fixture()
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.fixture = fixture
    }

    /// The path of the route in the document.
    var path: String {
        let path = String(target.prefix { $0 != "?" })
        var parts = path.split(separator: "/").map(String.init)
        guard parts.count > 1, parts[0] == "jobs", parts[1] != "actions" else { return path }
        parts[1] = "{job_id}"
        return "/" + parts.joined(separator: "/")
    }

    /// The same request to another service.
    private func with(
        _ fixture: Fixture, headers: KeyValuePairs<String, String>? = nil
    ) -> Probe {
        Probe(method, target, headers: headers ?? self.headers, body: body, fixture: fixture)
    }

    private static let openPaths = ["/", "/health", "/docs", "/openapi.json"]

    /// Requests that together cause every response of every endpoint.
    static func all() async -> [Probe] {
        var probes = await reading() + submissions() + encoded() + optionalBodies()
        for body in [#"{"transfers":8}"#, #"{"transfers":"8"}"#] {
            for fault in [nil, { @Sendable (_: String, _: Int) in true }] {
                probes.append(
                    Probe(
                        "PATCH", "/settings/limits", body: body,
                        fixture: Fixture(admins: ["ann"], fault: fault)))
            }
        }
        let targets =
            openPaths + [
                "/jobs", "/download", "/settings/limits", "/jobs/1", "/jobs/1/status",
                "/jobs/1/files", "/jobs/1/manifest", "/jobs/1/verify",
            ]
        probes += targets.map { Probe("OPTIONS", $0, headers: [:]) }
        probes += await commands()
        return await probes + versions(of: probes) + foreign(of: probes) + guesses(of: probes)
    }

    /// Requests that change no job but by a submission or a verification.
    private static func reading() async -> [Probe] {
        var probes: [Probe] = []
        for (method, target) in [
            ("GET", "/jobs"), ("GET", "/jobs/1"), ("GET", "/jobs/1/status"), ("POST", "/download"),
            ("GET", "/jobs/1/files"), ("GET", "/jobs/1/manifest"), ("POST", "/jobs/1/verify"),
            ("GET", "/settings/limits"), ("PATCH", "/settings/limits"),
        ] {
            for method in method == "GET" ? ["GET", "HEAD"] : [method] {
                let body = target.hasSuffix("/verify") ? "" : Fixture.goodBody
                let good = Probe(method, target, body: body)
                await good.fixture.finishJob()
                probes += [good, Probe(method, target, headers: [:])]
                for fixture in [
                    Fixture(token: "t"), Fixture(users: ["bob"]), Fixture(fault: { _, _ in true }),
                    Fixture(other: OddStore()),
                ] {
                    probes.append(Probe(method, target, fixture: fixture))
                }
            }
        }
        for method in ["GET", "HEAD"] {
            for target in [
                "/jobs?limit=x&status=y", "/jobs/x", "/jobs/9", "/jobs/x/status", "/jobs/9/status",
                "/jobs/9/files", "/jobs/9/manifest", "/jobs/1/files?state=odd",
                "/jobs/1/manifest?format=odd",
            ] {
                probes.append(Probe(method, target))
            }
            probes += await conditional(method)
            probes += openPaths.map { Probe(method, $0, headers: [:]) }
            probes.append(
                Probe(
                    method, "/health", headers: [:], fixture: Fixture(fault: { _, _ in true })))
        }
        return probes
    }

    /// The first request of each operation again, with a wrong token after too many others.
    private static func guesses(of probes: [Probe]) async -> [Probe] {
        let fixture = Fixture(token: "t", time: FixedTime(sleepsEnd: true))
        for _ in 0..<TokenThrottle.wrongMax {
            _ = await fixture.send("GET", "/jobs", headers: ["X-API-Token": "guess"])
        }
        return firstOfEach(probes).filter { !openPaths.contains($0.path) }
            .map { $0.with(fixture, headers: ["X-Username": "ann", "X-API-Token": "guess"]) }
    }

    /// The first request of each operation again, for other versions than the current one.
    private static func versions(of probes: [Probe]) -> [Probe] {
        firstOfEach(probes).flatMap { probe in
            let other = probe.with(
                probe.fixture, headers: ["X-Username": "ann", "If-Match": #""x""#])
            let any = probe.with(
                probe.fixture, headers: ["X-Username": "ann", "If-None-Match": "*"])
            return ["GET", "HEAD"].contains(probe.method) ? [other, any] : [other]
        }
    }

    /// The first request of each operation that writes, as a hostile page has a browser send it.
    private static func foreign(of probes: [Probe]) -> [Probe] {
        firstOfEach(probes).filter { !["GET", "HEAD"].contains($0.method) }.map {
            let headers: KeyValuePairs = ["X-Username": "ann", "Origin": "http://evil.example"]
            return Probe($0.method, $0.target, headers: headers, body: "x")
        }
    }

    private static func firstOfEach(_ probes: [Probe]) -> [Probe] {
        var seen: Set<String> = []
        return probes.filter { probe in
            probe.method != "OPTIONS" && seen.insert("\(probe.method) \(probe.path)").inserted
        }
    }

    /// Requests for more than one page, and for a job whose version the client has.
    private static func conditional(_ method: String) async -> [Probe] {
        let paged = Probe(method, "/jobs?limit=1")
        for _ in 0..<2 { _ = await paged.fixture.submit(Fixture.goodBody) }
        var probes = [paged]
        for wait in ["wait=0", "wait=9"] {
            let known = Probe(
                method, "/jobs/1",
                headers: ["X-Username": "ann", "If-None-Match": "*", "Prefer": wait],
                fixture: Fixture(time: FixedTime(sleepsEnd: true)))
            _ = await known.fixture.submit(Fixture.goodBody)
            probes.append(known)
        }
        return probes
    }

    /// Bodies with a Content-Encoding.
    private static func encoded() -> [Probe] {
        [("POST", "/download"), ("PATCH", "/settings/limits"), ("POST", "/jobs/actions")].map {
            Probe(
                $0, $1, headers: ["X-Username": "ann", "Content-Encoding": "gzip"],
                fixture: Fixture(admins: ["ann"]))
        }
    }

    /// Bodies that may be left out: good ones, one of another shape, one with a Content-Encoding,
    /// and one that a browser sent.
    private static func optionalBodies() async -> [Probe] {
        let missing = FileFailure(code: "not_found", detail: "Not there.", httpStatus: 404)
        var probes = ["9", "x"].map { Probe("POST", "/jobs/\($0)/verify") }
        let waiting = Probe("POST", "/jobs/1/verify", body: "")
        _ = await waiting.fixture.submit(Fixture.goodBody)
        probes.append(waiting)
        for (target, bodies) in [
            (
                "/jobs/1/verify",
                ["", "{}", #"{"accept_revision":true}"#, #"{"accept_revision":1}"#]
            ),
            (
                "/jobs/1/accept-gaps",
                [
                    "", "{}", #"{"files":["binance_trades_2024-01-02_BTCUSDT.csv.gz"]}"#,
                    #"{"files":["x.csv.gz"]}"#, #"{"files":[]}"#,
                ]
            ),
        ] {
            var own = bodies.map { Probe("POST", target, body: $0) }
            for headers in [
                ["X-Username": "ann", "Content-Encoding": "gzip"],
                ["X-Username": "ann", "Origin": "http://localhost", "Content-Type": "text/plain"],
            ] as [KeyValuePairs<String, String>] {
                own.append(Probe("POST", target, headers: headers, body: "{}"))
            }
            for probe in own { await probe.fixture.finishJob(because: missing) }
            probes += own
        }
        return probes
    }

    /// Invalid bodies, a key in use and one used before, and a quota that is used up, of each kind.
    private static func submissions() async -> [Probe] {
        let target = "/download"
        let bodies = ["", "{}", "{", "[]", #"{"exchange":1,"symbols":[null],"data_types":{}}"#]
        let catalogue = WaitingCatalogue()
        let key: KeyValuePairs = ["X-Username": "ann", "Idempotency-Key": "k"]
        let inUse = Probe("POST", target, headers: key, fixture: Fixture(catalogue: catalogue))
        // Continues for as long as the test does, without a response.
        Task { [fixture = inUse.fixture] in await fixture.submit(Fixture.goodBody, key: "k") }
        _ = await eventually { catalogue.asked.value > 0 }
        let used = Probe("POST", target, headers: key)
        _ = await used.fixture.submit(Fixture.goodBody, key: "k")
        let bad = Probe("POST", target, headers: ["X-Username": "ann", "Idempotency-Key": "a b"])
        let full = Probe(
            "POST", target, body: Fixture.anotherBody,
            fixture: Fixture(limits: UserQuota(queuedJobsMax: 1, filesPerDayMax: 0)))
        _ = await full.fixture.submit(full.body)
        let large = Probe(
            "POST", target,
            fixture: Fixture(limits: UserQuota(queuedJobsMax: 0, filesPerDayMax: 1)))
        return bodies.map { Probe("POST", target, body: $0) } + [inUse, used, bad, full, large]
    }
}

extension Probe {
    /// The routes of commands and history, each with a body that it takes.
    private static func routes() -> [Probe] {
        let commands = ["cancel", "retry", "pause", "resume", "accept-gaps"].map {
            Probe("POST", "/jobs/1/\($0)", body: "")
        }
        return commands + [
            Probe("DELETE", "/jobs/1", body: ""),
            Probe("PATCH", "/jobs/1", body: #"{"pinned":true}"#),
            Probe("POST", "/jobs/actions", body: #"{"action":"cancel"}"#),
            Probe("GET", "/jobs/1/events", body: ""), Probe("HEAD", "/jobs/1/events", body: ""),
            Probe("GET", "/events", body: ""), Probe("HEAD", "/events", body: ""),
        ]
    }

    /// Requests to the settings that are not limits.
    private static func settings() -> [Probe] {
        ["/settings/upstream/resume", "/settings/data-root/confirm"].flatMap { target in
            let route = Probe("POST", target, body: "")
            let (good, failing) = (Fixture(admins: ["ann"]), Fixture(admins: ["ann"]))
            good.runner.set(UpstreamPause(until: Fixture.now, reason: "quota"))
            good.runner.set(.success(StorageReading(freeBytes: 1)))
            failing.runner.fail()
            let refusing = Fixture(admins: ["ann"])
            refusing.runner.set(.failure(StorageRefusal("Read-only file system")))
            let fixtures = [
                good, failing, refusing, Fixture(admins: ["ann"]), Fixture(), Fixture(token: "t"),
            ]
            return fixtures.map { route.with($0) } + [
                route.with(Fixture(), headers: [:]), Probe("OPTIONS", target, headers: [:]),
            ]
        }
    }

    /// Requests that together cause every response to commands.
    private static func commands() async -> [Probe] {
        let full = Fixture(limits: UserQuota(queuedJobsMax: 1, filesPerDayMax: 0))
        await full.finishJob()
        _ = await full.submit(Fixture.goodBody)
        var probes = settings() + [Probe("POST", "/jobs/1/retry", body: "", fixture: full)]
        for route in routes() {
            let (ended, waiting) = (Fixture(admins: ["ann"]), Fixture(admins: ["ann"]))
            await ended.finishJob()
            _ = await waiting.submit(Fixture.goodBody)
            for fixture in [ended, waiting] {
                probes.append(route.with(fixture))
                guard route.method == "PATCH" else { continue }
                let headers: KeyValuePairs = ["X-Username": "ann", "Content-Encoding": "br"]
                probes.append(route.with(fixture, headers: headers))
            }
            probes.append(route.with(Fixture(), headers: [:]))
            for fixture in [
                Fixture(token: "t"), Fixture(users: ["bob"]),
                Fixture(admins: ["ann"], fault: { _, _ in true }),
                Fixture(admins: ["ann"], other: OddStore()),
            ] {
                probes.append(route.with(fixture))
            }
            for job in ["9", "x"] where route.path.contains("{job_id}") {
                var other = route.with(Fixture())
                other.target = route.target.replacing("/jobs/1", with: "/jobs/\(job)")
                probes.append(other)
            }
            var wrong = route.with(Fixture(admins: ["ann"]))
            if route.body.isEmpty { wrong.target += "?limit=0" } else { wrong.body = "{}" }
            if route.path.hasSuffix("events") || !route.body.isEmpty {
                await wrong.fixture.finishJob()
                probes.append(wrong)
            }
        }
        for target in Set(routes().map(\.target)) where target != "/jobs/1" {
            probes.append(Probe("OPTIONS", target, headers: [:]))
        }
        return probes
    }
}
