// GET /health: looks at everything that the service depends on, in bounded time.

import APITypes
import Concurrency
import HTTP
import Jobs

/// Says how the service is.
struct Health: Endpoint {
    /// Long enough for a busy disk, short enough for a container's health check.
    private static let patience = Duration.seconds(3)

    // A file system that hangs cannot be cancelled: each part is looked at by one look at a time.
    private let stored: SharedOperation<Stored>
    private let telegram: SharedOperation<HealthFinding>
    private let disk: SharedOperation<(finding: HealthFinding, freeBytes: Int64?)>
    private let upstream: SharedOperation<HealthFinding>
    private let time: any Timekeeping
    private let version: String

    init(_ parts: APIDependencies) {
        let (store, health) = (parts.store, parts.health)
        stored = SharedOperation { await Health.look(at: store) }
        telegram = SharedOperation { await health.telegram() }
        disk = SharedOperation { await health.disk() }
        upstream = SharedOperation { await health.upstream() }
        time = parts.time
        version = parts.version
    }

    var operation: Operation {
        Operation(
            method: .get, path: PathTemplate("/health"), identifier: "health",
            summary: "Health",
            details: "Looks at the database, the disk, the upstream and Telegram. "
                + "Answers within a few seconds, whatever hangs.",
            isOpen: true,
            ownAnswers: [
                .init(
                    status: .ok, details: "All is well.", content: .json(schema: "HealthReport")),
                .init(
                    status: .serviceUnavailable,
                    details:
                        "Something the service cannot do without is broken; `detail` names it.",
                    content: .json(schema: "HealthReport"), headers: [.retryAfter]),
            ])
    }

    func answer(_ call: Call) async throws -> Response {
        async let stored = finding(of: stored)
        async let telegram = finding(of: telegram)
        async let disk = finding(of: disk)
        async let upstream = finding(of: upstream)
        let report = report(
            await stored ?? Stored(database: .late(isHealthy: false)),
            telegram: await telegram ?? .late(isHealthy: true),
            disk: await disk ?? (.late(isHealthy: false), nil),
            // That Tardis is away is no reason to restart this service.
            upstream: await upstream ?? .late(isHealthy: true))
        guard report.detail != nil else { return .json(.ok, report) }
        return .json(.serviceUnavailable, report, Headers(["Retry-After": "30"]))
    }

    private func finding<Finding>(of look: SharedOperation<Finding>) async -> Finding? {
        await withTimeout(Health.patience, sleep: time.sleep) { await look.value() } ?? nil
    }

    /// What the store says about itself.
    private struct Stored: Sendable {
        var database: HealthFinding
        var running: Int?
        var pending: Int?
    }

    private static func look(at store: any JobStoring) async -> Stored {
        do {
            try await store.probe()
            return Stored(
                database: HealthFinding("connected"),
                running: try await count(.running, in: store),
                pending: try await count(.pending, in: store))
        } catch {
            // The reason may hold paths of the machine: it is for the log of whoever failed.
            return Stored(database: HealthFinding("unavailable", isHealthy: false))
        }
    }

    private static func count(_ state: JobState, in store: any JobStoring) async throws -> Int {
        try await store.jobs(matching: JobFilter(state: state), limit: 1, offset: 0).total
    }

    private func report(
        _ stored: Stored, telegram: HealthFinding,
        disk: (finding: HealthFinding, freeBytes: Int64?), upstream: HealthFinding
    ) -> HealthReport {
        let checks = [
            ("database", stored.database), ("telegram", telegram), ("disk", disk.finding),
            ("upstream", upstream),
        ]
        let broken = checks.filter { !$0.1.isHealthy }.map { "\($0.0): \($0.1.words)" }
        return HealthReport(
            status: broken.isEmpty ? "healthy" : "unhealthy", database: stored.database.words,
            telegram: telegram.words, disk: disk.finding.words, diskFreeBytes: disk.freeBytes,
            upstream: upstream.words,
            jobsRunning: stored.running, jobsPending: stored.pending, version: version,
            detail: broken.isEmpty ? nil : broken.joined(separator: "; "))
    }
}

extension HealthFinding {
    /// A part that did not answer in time.
    fileprivate static func late(isHealthy: Bool) -> HealthFinding {
        HealthFinding("no answer in time", isHealthy: isHealthy)
    }
}
