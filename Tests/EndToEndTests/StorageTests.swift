// File systems that are mounted, unmounted, full, read-only or without inodes, and a removed
// database.

import APITypes
import Curl
import FoundationEssentials
import Glibc
import JSON
import ServiceSupport
import TestSupport
import Testing

@Suite(.enabled(if: getuid() == 0, "mounting needs root"))
struct MountTests {
    private let boss = "boss"

    private func health(_ service: RunningService) async throws -> HealthReport {
        let reply = try await service.ask("GET", "/health")
        #expect([200, 503].contains(reply.head.status))
        return try JSONCoding.decode(HealthReport.self, from: Array(reply.body.utf8))
    }

    private func codes(_ service: RunningService) async throws -> [String] {
        try await health(service).reasons?.map(\.code) ?? []
    }

    private func submit(_ service: RunningService, day: String) async throws -> Int64 {
        try await service.submit(
            exchange: "binance", symbols: ["BTCUSDT"], from: day, to: day
        ).jobID
    }

    /// Waits until the job has this reason to wait.
    private func waits(_ service: RunningService, _ id: Int64, with code: String) async -> Bool {
        await eventually(within: .seconds(15)) {
            (try? await service.job(id))?.waiting?.code == code
        }
    }

    @Test func `checks a disk that is mounted after the start`() async throws {
        let installation = try await Installation(settings: ["DISK_RESERVE": "40MiB"])
        let service = try await installation.startService()
        let folder = "\(installation.root)/datasets"
        guard mount("tmpfs", folder, "tmpfs", 0, "size=36m") == 0 else { return }
        defer { umount2(folder, Int32(MNT_DETACH)) }
        let id = try await submit(service, day: "2024-01-01")
        #expect(await waits(service, id, with: "disk_low"))
        let report = try await health(service)
        #expect(report.status == "degraded")
        #expect(report.reasons?.map(\.code) == ["disk_low"])
        #expect(report.diskFreeBytes.map { $0 < 40 << 20 } == true)
        umount2(folder, Int32(MNT_DETACH))
        #expect(try await service.end(of: id).status == "completed")
        #expect(await service.stop() == 0)
    }

    @Test func `downloads stop without the disk or on another one, until confirmed`()
        async throws
    {
        let installation = try await Installation(settings: [
            "DISK_RESERVE": "1MiB", "ADMIN_USERS": boss,
        ])
        let folder = "\(installation.root)/datasets"
        mkdir(folder, 0o755)
        guard mount("tmpfs", folder, "tmpfs", 0, "size=300m") == 0 else { return }
        defer { umount2(folder, Int32(MNT_DETACH)) }
        var service = try await installation.startService()
        let first = try await submit(service, day: "2024-01-01")
        #expect(try await service.end(of: first).status == "completed")
        // Unmounted: the folder below the disk is empty.
        umount2(folder, Int32(MNT_DETACH))
        let second = try await submit(service, day: "2024-01-02")
        #expect(await waits(service, second, with: "data_root_changed"))
        #expect(try await codes(service).contains("data_root_changed"))
        #expect(installation.publishedNames() == [])
        // A restart does not confirm it.
        #expect(await service.stop() == 0)
        service = try await installation.startService()
        #expect(await waits(service, second, with: "data_root_changed"))
        let refused = try await service.ask("POST", "/settings/data-root/confirm")
        #expect(refused.head.status == 403)
        let confirmed = try await service.ask(
            "POST", "/settings/data-root/confirm", headers: [("X-Username", boss)])
        #expect(confirmed.head.status == 200, "\(confirmed.body)")
        #expect(try await service.end(of: second).status == "completed")
        let again = try await service.ask(
            "POST", "/settings/data-root/confirm", headers: [("X-Username", boss)])
        #expect(again.head.status == 409)
        // Another one again, this time confirmed on the machine.
        guard mount("tmpfs", folder, "tmpfs", 0, "size=300m") == 0 else { return }
        let third = try await submit(service, day: "2024-01-03")
        #expect(await waits(service, third, with: "data_root_changed"))
        let command = try await installation.run(["confirm-data-root"])
        #expect(command.exitCode == 0, "\(command.errors)")
        #expect(try await service.end(of: third).status == "completed")
        let told = try await installation.upstream.messages()
        #expect(told.contains { $0.contains("data_root_changed") })
        #expect(await service.stop() == 0)
    }

    @Test func `jobs wait for a disk without inodes or in read-only mode`() async throws {
        let installation = try await Installation(settings: ["DISK_RESERVE": "1MiB"])
        let folder = "\(installation.root)/datasets"
        mkdir(folder, 0o755)
        guard mount("tmpfs", folder, "tmpfs", 0, "size=300m,nr_inodes=200") == 0 else { return }
        defer { umount2(folder, Int32(MNT_DETACH)) }
        for number in 0..<185 { writeFile([], to: "\(folder)/\(number)") }
        let service = try await installation.startService()
        let id = try await submit(service, day: "2024-01-01")
        #expect(await waits(service, id, with: "inodes_low"))
        #expect(try await codes(service) == ["inodes_low"])
        for number in 0..<100 { unlink("\(folder)/\(number)") }
        #expect(try await service.end(of: id).status == "completed")
        let options = UInt(MS_REMOUNT | MS_RDONLY)
        guard mount("tmpfs", folder, "tmpfs", options, nil) == 0 else { return }
        let second = try await submit(service, day: "2024-01-02")
        #expect(await waits(service, second, with: "not_writable"))
        #expect(try await codes(service) == ["not_writable"])
        #expect(mount("tmpfs", folder, "tmpfs", UInt(MS_REMOUNT), nil) == 0)
        #expect(try await service.end(of: second).status == "completed")
        #expect(await service.stop() == 0)
    }
}

@Suite struct LostDatabaseTests {
    @Test func `refuses jobs once the database is removed, and restores all others`()
        async throws
    {
        let installation = try await Installation()
        let service = try await installation.startService()
        let first = try await service.submit(
            exchange: "binance", symbols: ["BTCUSDT"], from: "2024-01-01", to: "2024-01-01")
        #expect(try await service.end(of: first.jobID).status == "completed")
        for suffix in ["", "-wal", "-shm"] { unlink(installation.database + suffix) }
        await #expect(throws: (any Error).self) {
            try await service.submit(
                exchange: "binance", symbols: ["BTCUSDT"], from: "2024-01-02", to: "2024-01-02")
        }
        let health = try await service.ask("GET", "/health")
        #expect(health.head.status == 503)
        #expect(health.body.contains("database_moved"))
        let isTold = await eventually {
            (try? await installation.upstream.messages())?
                .contains { $0.contains("database_moved") } == true
        }
        #expect(isTold)
        #expect(service.process.errors.contains("was saved as a backup"))
        #expect(await service.stop() == 0)
        let restored = try await installation.run(["restore"])
        #expect(restored.exitCode == 0, "\(restored.errors)")
        let next = try await installation.startService()
        #expect(try await next.job(first.jobID).status == "completed")
        #expect(await next.stop() == 0)
    }
}
