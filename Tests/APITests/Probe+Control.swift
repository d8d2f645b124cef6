// Requests for every answer that the routes of control and history can give.

import Jobs

@testable import API

extension Probe {
    /// A route, with a body that it takes.
    private struct Route {
        var method: String
        var target: String
        var path: String
        var body = ""
    }

    private static let routes: [Route] = {
        let verbs = ["cancel", "retry", "pause", "resume", "accept-gaps"].map { verb in
            Route(method: "POST", target: "/jobs/1/\(verb)", path: "/jobs/{job_id}/\(verb)")
        }
        return verbs + [
            Route(method: "DELETE", target: "/jobs/1", path: "/jobs/{job_id}"),
            Route(
                method: "PATCH", target: "/jobs/1", path: "/jobs/{job_id}",
                body: #"{"pinned":true}"#),
            Route(
                method: "POST", target: "/jobs/actions", path: "/jobs/actions",
                body: #"{"action":"cancel"}"#),
            Route(method: "GET", target: "/jobs/1/events", path: "/jobs/{job_id}/events"),
            Route(method: "HEAD", target: "/jobs/1/events", path: "/jobs/{job_id}/events"),
            Route(method: "GET", target: "/events", path: "/events"),
            Route(method: "HEAD", target: "/events", path: "/events"),
        ]
    }()

    private static func probe(
        _ route: Route, headers: KeyValuePairs<String, String> = ["X-Username": "ann"],
        _ fixture: Fixture
    ) -> Probe {
        Probe(
            method: route.method, target: route.target, path: route.path, headers: headers,
            body: route.body, fixture: fixture)
    }

    /// Requests to the settings that are no limits.
    private static func settings() -> [Probe] {
        ["/settings/upstream/resume", "/settings/data-root/confirm"].flatMap { path in
            let route = Route(method: "POST", target: path, path: path)
            let (good, failing) = (Fixture(admins: ["ann"]), Fixture(admins: ["ann"]))
            good.runner.set(UpstreamPause(until: Fixture.now, reason: "quota"))
            good.runner.set(.success(StorageReading(freeBytes: 1)))
            failing.runner.fail()
            let refusing = Fixture(admins: ["ann"])
            refusing.runner.set(.failure(StorageRefusal("Read-only file system")))
            let fixtures = [
                good, failing, refusing, Fixture(admins: ["ann"]), Fixture(), Fixture(token: "t"),
            ]
            return fixtures.map { probe(route, $0) } + [
                probe(route, headers: [:], Fixture()),
                Probe(method: "OPTIONS", target: path, path: path, headers: [:]),
            ]
        }
    }

    /// Requests that together bring about every answer.
    static func control() async -> [Probe] {
        var probes = settings()
        let full = Fixture(limits: UserQuota(queuedJobsMax: 1, filesPerDayMax: 0))
        await full.finishJob()
        _ = await full.submit(Fixture.goodBody)
        probes += routes.filter { $0.target.hasSuffix("/retry") }.map { probe($0, full) }
        for route in routes {
            for isEnded in [true, false] {
                let fixture = Fixture(admins: ["ann"])
                if isEnded {
                    await fixture.finishJob()
                } else {
                    _ = await fixture.submit(Fixture.goodBody)
                }
                probes.append(probe(route, fixture))
                if route.method == "PATCH" {
                    let headers: KeyValuePairs = ["X-Username": "ann", "Content-Encoding": "br"]
                    probes.append(probe(route, headers: headers, fixture))
                }
            }
            probes.append(probe(route, headers: [:], Fixture()))
            for fixture in [
                Fixture(token: "t"), Fixture(users: ["bob"]),
                Fixture(admins: ["ann"], fault: { _, _ in true }),
                Fixture(admins: ["ann"], other: OddStore()),
            ] {
                probes.append(probe(route, fixture))
            }
            for job in ["9", "x"] where route.path.contains("{job_id}") {
                var other = route
                other.target = route.target.replacing("/jobs/1", with: "/jobs/\(job)")
                probes.append(probe(other, Fixture()))
            }
            var wrong = route
            if route.body.isEmpty { wrong.target += "?limit=0" } else { wrong.body = "{}" }
            if route.path.hasSuffix("events") || !route.body.isEmpty {
                let fixture = Fixture(admins: ["ann"])
                await fixture.finishJob()
                probes.append(probe(wrong, fixture))
            }
        }
        for path in Set(routes.map(\.path)) where path != "/jobs/{job_id}" {
            let target = path.replacing("{job_id}", with: "1")
            probes.append(Probe(method: "OPTIONS", target: target, path: path, headers: [:]))
        }
        return probes
    }
}
