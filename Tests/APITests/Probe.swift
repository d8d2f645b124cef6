// Requests for every answer that the API can give.

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
        ]
        var probes: [Probe] = []
        for (method, target, path) in routes {
            for method in method == "GET" ? ["GET", "HEAD"] : [method] {
                let good = Probe(method: method, target: target, path: path)
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
            method: "POST", target: "/jobs/1/verify", path: "/jobs/{job_id}/verify")
        _ = await waiting.fixture.submit(Fixture.goodBody)
        probes.append(waiting)
        for job in ["9", "x"] {
            probes.append(
                Probe(
                    method: "POST", target: "/jobs/\(job)/verify",
                    path: "/jobs/{job_id}/verify"))
        }
        for path in ["/", "/health", "/docs", "/openapi.json", "/jobs", "/download"] {
            probes.append(Probe(method: "OPTIONS", target: path, path: path, headers: [:]))
        }
        for end in ["", "/status", "/files", "/manifest", "/verify"] {
            probes.append(
                Probe(method: "OPTIONS", target: "/jobs/1\(end)", path: "/jobs/{job_id}\(end)"))
        }
        return probes + (await control())
    }
}
