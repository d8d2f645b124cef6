// GET /health, which checks every dependency in bounded time, and GET /, which checks none.

import APITypes
import Concurrency
import Datasets
import HTTP
import Jobs

/// Reports the health of the service.
struct Health: Endpoint {
    /// Long enough for a busy disk, short enough for a container's health check.
    private static let timeout = Duration.seconds(3)

    // A file system that hangs cannot be cancelled, so each part is checked once at a time.
    private let store: SharedOperation<StoreHealth>
    private let telegram: SharedOperation<ComponentHealth>
    private let disk: SharedOperation<(finding: ComponentHealth, freeBytes: Int64?)>
    private let upstream: SharedOperation<ComponentHealth>
    private let obstacles: SharedOperation<[WaitReason]>
    private let time: any Timekeeping
    private let version: String

    init(_ dependencies: APIDependencies) {
        let (jobs, health, runner) = (dependencies.store, dependencies.health, dependencies.runner)
        store = SharedOperation { await Health.check(jobs) }
        telegram = SharedOperation { await health.telegram() }
        disk = SharedOperation { await health.disk() }
        upstream = SharedOperation { await health.upstream() }
        obstacles = SharedOperation { await runner.obstacles() }
        time = dependencies.time
        version = dependencies.version
    }

    var operation: Operation {
        Operation(
            method: .get, path: PathTemplate("/health"), identifier: "health",
            summary: "Health",
            details: "Looks at the database, the disk, the upstream and Telegram. `reasons` says "
                + "why the service is not healthy: `degraded` while downloads cannot proceed, "
                + "which a restart would not mend. Answers within a few seconds, even when a part "
                + "hangs.",
            isOpen: true,
            responses: [
                .json(.ok, "HealthReport", "All is well, or downloads wait: `reasons` says why."),
                .json(
                    .serviceUnavailable, "HealthReport",
                    "Something the service cannot do without is broken; `reasons` names it.",
                    headers: [.retryAfter]),
            ])
    }

    func respond(to context: RequestContext) async throws -> Response {
        async let store = finding(of: store)
        async let telegram = finding(of: telegram)
        async let disk = finding(of: disk)
        async let upstream = finding(of: upstream)
        async let obstacles = finding(of: obstacles)
        let (report, severity) = report(
            await store ?? StoreHealth(database: .late(.unhealthy, "database_unavailable")),
            telegram: await telegram ?? .late(),
            disk: await disk ?? (.late(.degraded, "not_writable"), nil),
            upstream: await upstream ?? .late(.degraded, "upstream_unreachable"),
            obstacles: await obstacles ?? [])
        guard severity == .unhealthy else { return .json(.ok, report) }
        return .json(.serviceUnavailable, report, Headers(["Retry-After": "30"]))
    }

    private func finding<Finding>(of check: SharedOperation<Finding>) async -> Finding? {
        await withTimeout(Health.timeout, sleep: time.sleep) { await check.value() } ?? nil
    }

    /// The health of the store.
    private struct StoreHealth: Sendable {
        var database: ComponentHealth
        var running: Int?
        var pending: Int?
    }

    private static func check(_ store: any JobStore) async -> StoreHealth {
        do {
            try await store.probe()
            return StoreHealth(
                database: ComponentHealth("connected"),
                running: try await count(.running, in: store),
                pending: try await count(.pending, in: store))
        } catch {
            return StoreHealth(database: ComponentHealth("unavailable", Health.reason(for: error)))
        }
    }

    /// Without the error's own text, which may hold paths of the machine.
    private static func reason(for error: any Error) -> ComponentHealth.Reason {
        if case JobError.databaseMoved = error {
            return .init(
                .unhealthy, "database_moved",
                "The database file was removed, replaced or cut while the service runs. No job is "
                    + "taken until it is put back; the service's log says how to save its content.")
        }
        return .init(
            .unhealthy, "database_unavailable",
            "The database cannot be read at the moment; the service's log says why.")
    }

    private static func count(_ state: JobState, in store: any JobStore) async throws -> Int {
        try await store.jobs(matching: JobFilter(state: state), limit: 1, from: .offset(0)).total
    }

    private func report(
        _ store: StoreHealth, telegram: ComponentHealth,
        disk: (finding: ComponentHealth, freeBytes: Int64?), upstream: ComponentHealth,
        obstacles: [WaitReason]
    ) -> (HealthReport, ComponentHealth.Severity?) {
        let failures = [store.database, telegram, disk.finding, upstream].compactMap(\.reason)
        var reasons = failures.map { HealthReason(code: $0.code, detail: $0.detail) }
        // The queue and the check of the disk may both report that it is low.
        for reason in obstacles.compactMap(HealthReason.init)
        where !reasons.contains(where: { $0.code == reason.code }) {
            reasons.append(reason)
        }
        let isUnhealthy = failures.contains { $0.severity == .unhealthy }
        let severity: ComponentHealth.Severity? =
            isUnhealthy ? .unhealthy : reasons.isEmpty ? nil : .degraded
        let status =
            switch severity {
            case .unhealthy: "unhealthy"
            case .degraded: "degraded"
            case nil: "healthy"
            }
        let report = HealthReport(
            status: status, database: store.database.words,
            telegram: telegram.words, disk: disk.finding.words, diskFreeBytes: disk.freeBytes,
            upstream: upstream.words,
            jobsRunning: store.running, jobsPending: store.pending, version: version,
            reasons: reasons,
            detail: reasons.isEmpty ? nil : reasons.map(\.detail).joined(separator: " "))
        return (report, severity)
    }
}

extension HealthReason {
    /// The reason why all jobs wait; `nil` for one that holds up some jobs for a moment.
    fileprivate init?(_ waitReason: WaitReason) {
        switch waitReason {
        case .upstreamPaused(let until, let reason):
            self.init(
                code: "upstream_paused",
                detail: "Tardis wants to be left alone for a while. "
                    + (reason.map { "\($0) " } ?? "") + "Downloads go on by themselves; "
                    + "administrators may end the pause with POST /settings/upstream/resume.",
                until: until.iso8601)
        case .storage(let problem): self.init(code: problem.code, detail: problem.sentences)
        case .awaitsCatalogue(let reason?):
            self.init(
                code: "no_catalogue",
                detail: "Jobs wait for the catalogue of Tardis, which cannot be read: \(reason)")
        case .awaitsCatalogue(nil), .backsOff, .awaitsTurn: return nil
        }
    }
}

extension ComponentHealth {
    /// A part whose check did not end in time, and its severity, if it has one.
    fileprivate static func late(
        _ severity: Severity? = nil, _ code: String = ""
    ) -> ComponentHealth {
        ComponentHealth(
            "no answer in time",
            severity.map { Reason($0, code, "A part did not answer in time.") })
    }
}

/// Says that the service runs.
struct Root: Endpoint {
    private let response: Response

    init(version: String) {
        response = .json(.ok, ServiceInfo(version: version))
    }

    var operation: Operation {
        Operation(
            method: .get, path: PathTemplate("/"), identifier: "root", summary: "Service",
            details: "The service's name and version. Looks at nothing; see `/health`.",
            isOpen: true,
            responses: [
                .json(.ok, "ServiceInfo", "It runs.")
            ])
    }

    func respond(to context: RequestContext) async throws -> Response {
        response
    }

    func immediateResponse(to context: RequestContext) -> Response? {
        response
    }
}
