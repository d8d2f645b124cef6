// Requests for every answer that the API can give.

import JSON
import Jobs
import TestSupport

@testable import API

/// A request, the state the service is in, and whose answer it is in the document.
struct Probe {
    var method: String
    var target: String
    var path: String
    var headers: KeyValuePairs<String, String> = ["X-Username": "ann"]
    var body = Fixture.goodBody
    var fixture = Fixture()

    /// Requests that together bring about every answer that an endpoint can give.
    static func all() async -> [Probe] {
        let routes = [
            ("GET", "/jobs", "/jobs"), ("GET", "/jobs/1", "/jobs/{job_id}"),
            ("GET", "/jobs/1/status", "/jobs/{job_id}/status"), ("POST", "/download", "/download"),
            ("GET", "/jobs/1/files", "/jobs/{job_id}/files"),
            ("GET", "/jobs/1/manifest", "/jobs/{job_id}/manifest"),
            ("POST", "/jobs/1/verify", "/jobs/{job_id}/verify"),
            ("GET", "/settings/limits", "/settings/limits"),
            ("PATCH", "/settings/limits", "/settings/limits"),
        ]
        var probes: [Probe] = []
        for (method, target, path) in routes {
            for method in method == "GET" ? ["GET", "HEAD"] : [method] {
                var good = Probe(method: method, target: target, path: path)
                if path.hasSuffix("/verify") { good.body = "" }
                await good.fixture.finishJob()
                probes.append(good)
                probes.append(Probe(method: method, target: target, path: path, headers: [:]))
                for fixture in [
                    Fixture(token: "t"), Fixture(users: ["bob"]), Fixture(fault: { _, _ in true }),
                    Fixture(other: OddStore()),
                ] {
                    probes.append(
                        Probe(method: method, target: target, path: path, fixture: fixture))
                }
            }
        }
        for method in ["GET", "HEAD"] {
            probes += [
                Probe(method: method, target: "/jobs?limit=x&status=y", path: "/jobs"),
                Probe(method: method, target: "/jobs/x", path: "/jobs/{job_id}"),
                Probe(method: method, target: "/jobs/9", path: "/jobs/{job_id}"),
                Probe(method: method, target: "/jobs/x/status", path: "/jobs/{job_id}/status"),
                Probe(method: method, target: "/jobs/9/status", path: "/jobs/{job_id}/status"),
                Probe(method: method, target: "/jobs/9/files", path: "/jobs/{job_id}/files"),
                Probe(method: method, target: "/jobs/9/manifest", path: "/jobs/{job_id}/manifest"),
                Probe(
                    method: method, target: "/jobs/1/files?state=odd",
                    path: "/jobs/{job_id}/files"),
                Probe(
                    method: method, target: "/jobs/1/manifest?format=odd",
                    path: "/jobs/{job_id}/manifest"),
            ]
            probes += await conditional(method)
            for path in ["/", "/health", "/docs", "/openapi.json"] {
                probes.append(Probe(method: method, target: path, path: path, headers: [:]))
            }
            probes.append(
                Probe(
                    method: method, target: "/health", path: "/health", headers: [:],
                    fixture: Fixture(fault: { _, _ in true })))
        }
        for body in ["", "{}", "{", "[]", #"{"exchange":1,"symbols":[null],"data_types":{}}"#] {
            probes.append(
                Probe(method: "POST", target: "/download", path: "/download", body: body))
        }
        let waiting = Probe(
            method: "POST", target: "/jobs/1/verify", path: "/jobs/{job_id}/verify", body: "")
        _ = await waiting.fixture.submit(Fixture.goodBody)
        probes.append(waiting)
        probes += await submissions() + encoded() + optionalBodies()
        for job in ["9", "x"] {
            probes.append(
                Probe(
                    method: "POST", target: "/jobs/\(job)/verify",
                    path: "/jobs/{job_id}/verify"))
        }
        for body in [#"{"transfers":8}"#, #"{"transfers":"8"}"#] {
            for fault in [nil, { @Sendable (_: String, _: Int) in true }] {
                probes.append(
                    Probe(
                        method: "PATCH", target: "/settings/limits", path: "/settings/limits",
                        body: body, fixture: Fixture(admins: ["ann"], fault: fault)))
            }
        }
        for path in [
            "/", "/health", "/docs", "/openapi.json", "/jobs", "/download", "/settings/limits",
        ] {
            probes.append(Probe(method: "OPTIONS", target: path, path: path, headers: [:]))
        }
        for end in ["", "/status", "/files", "/manifest", "/verify"] {
            probes.append(
                Probe(method: "OPTIONS", target: "/jobs/1\(end)", path: "/jobs/{job_id}\(end)"))
        }
        probes += await control()
        return await probes + versions(of: probes) + guesses(of: probes)
    }

    /// The first request of each operation again, with a wrong token after too many others.
    private static func guesses(of probes: [Probe]) async -> [Probe] {
        let fixture = Fixture(token: "t", time: FixedTime(sleepsEnd: true))
        for _ in 0..<TokenThrottle.wrongMax {
            _ = await fixture.send("GET", "/jobs", headers: ["X-API-Token": "guess"])
        }
        var seen: Set<String> = []
        return probes.compactMap { probe in
            let operation = "\(probe.method) \(probe.path)"
            guard probe.method != "OPTIONS", seen.insert(operation).inserted else { return nil }
            var guess = probe
            guess.headers = ["X-Username": "ann", "X-API-Token": "guess"]
            guess.fixture = fixture
            return ["/", "/health", "/docs", "/openapi.json"].contains(probe.path) ? nil : guess
        }
    }

    /// The first request of each operation again, about other versions than there are.
    private static func versions(of probes: [Probe]) -> [Probe] {
        var seen: Set<String> = []
        return probes.flatMap { probe -> [Probe] in
            let operation = "\(probe.method) \(probe.path)"
            guard probe.method != "OPTIONS", seen.insert(operation).inserted else { return [] }
            var (other, any) = (probe, probe)
            other.headers = ["X-Username": "ann", "If-Match": #""x""#]
            any.headers = ["X-Username": "ann", "If-None-Match": "*"]
            return ["GET", "HEAD"].contains(probe.method) ? [other, any] : [other]
        }
    }

    /// Requests for more than one page, and for a job whose version the client has.
    private static func conditional(_ method: String) async -> [Probe] {
        let paged = Probe(method: method, target: "/jobs?limit=1", path: "/jobs")
        for _ in 0..<2 { _ = await paged.fixture.submit(Fixture.goodBody) }
        var probes = [paged]
        for wait in ["wait=0", "wait=9"] {
            let known = Probe(
                method: method, target: "/jobs/1", path: "/jobs/{job_id}",
                headers: ["X-Username": "ann", "If-None-Match": "*", "Prefer": wait],
                fixture: Fixture(time: FixedTime(sleepsEnd: true)))
            _ = await known.fixture.submit(Fixture.goodBody)
            probes.append(known)
        }
        return probes
    }

    /// Bodies that are not sent as they are.
    private static func encoded() -> [Probe] {
        [
            ("POST", "/download", "/download"), ("PATCH", "/settings/limits", "/settings/limits"),
            ("POST", "/jobs/actions", "/jobs/actions"),
        ].map { method, target, path in
            Probe(
                method: method, target: target, path: path,
                headers: ["X-Username": "ann", "Content-Encoding": "gzip"],
                fixture: Fixture(admins: ["ann"]))
        }
    }

    /// Bodies that may be left out: good ones, one of another shape, one that is not sent as it is,
    /// and one that a browser sent.
    private static func optionalBodies() async -> [Probe] {
        let missing = FileFailure(code: "not_found", detail: "Not there.", httpStatus: 404)
        var probes: [Probe] = []
        for (verb, bodies) in [
            ("verify", ["", "{}", #"{"accept_revision":true}"#, #"{"accept_revision":1}"#]),
            (
                "accept-gaps",
                [
                    "", "{}", #"{"files":["binance_trades_2024-01-02_BTCUSDT.csv.gz"]}"#,
                    #"{"files":["x.csv.gz"]}"#, #"{"files":[]}"#,
                ]
            ),
        ] {
            let route = Probe(
                method: "POST", target: "/jobs/1/\(verb)", path: "/jobs/{job_id}/\(verb)")
            for body in bodies {
                var probe = route
                (probe.body, probe.fixture) = (body, Fixture())
                await probe.fixture.finishJob(because: missing)
                probes.append(probe)
            }
            for headers in [
                ["X-Username": "ann", "Content-Encoding": "gzip"],
                ["X-Username": "ann", "Origin": "http://localhost", "Content-Type": "text/plain"],
            ] as [KeyValuePairs<String, String>] {
                var probe = route
                (probe.body, probe.headers, probe.fixture) = ("{}", headers, Fixture())
                await probe.fixture.finishJob(because: missing)
                probes.append(probe)
            }
        }
        return probes
    }

    /// A key in use and one used before, and a limit that is reached, of either kind.
    private static func submissions() async -> [Probe] {
        let post = Probe(method: "POST", target: "/download", path: "/download")
        let catalogue = WaitingCatalogue()
        var inUse = post
        inUse.fixture = Fixture(catalogue: catalogue)
        inUse.headers = ["X-Username": "ann", "Idempotency-Key": "k"]
        // Goes on for as long as the test does, and is never answered.
        Task { [fixture = inUse.fixture] in await fixture.submit(goodBody, key: "k") }
        _ = await eventually { catalogue.asked.value > 0 }
        var used = post
        used.headers = ["X-Username": "ann", "Idempotency-Key": "k"]
        _ = await used.fixture.submit(goodBody, key: "k")
        var bad = post
        bad.headers = ["X-Username": "ann", "Idempotency-Key": "a b"]
        var full = post
        full.fixture = Fixture(limits: UserQuota(queuedJobsMax: 1, filesPerDayMax: 0))
        full.body = goodBody.dropLast() + #","force":true}"#
        _ = await full.fixture.submit(full.body)
        var large = post
        large.fixture = Fixture(limits: UserQuota(queuedJobsMax: 0, filesPerDayMax: 1))
        return [inUse, used, bad, full, large]
    }

    private static let goodBody = Fixture.goodBody
}
