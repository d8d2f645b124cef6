// A full disk: the service waits, reports it, and continues by itself.

import APITypes
import Curl
import Glibc
import ServiceSupport
import TestSupport
import Testing

@Suite struct DiskReserveTests {
    @Test(.enabled(if: getuid() == 0, "mounting needs root"))
    func `downloads wait for free disk space`() async throws {
        let installation = try await Installation(settings: ["DISK_RESERVE": "300MiB"])
        let root = installation.folder.path("datasets")
        mkdir(root, 0o755)
        guard mount("tmpfs", root, "tmpfs", 0, "size=320m") == 0 else { return }
        defer { umount2(root, Int32(MNT_DETACH)) }
        let ballast = "\(root)/ballast"
        writeFile([UInt8](repeating: 1, count: 40 << 20), to: ballast)
        let service = try await installation.startService()
        let answer = try await service.submit(
            exchange: "binance", symbols: ["BTCUSDT"], from: "2024-01-01", to: "2024-01-03")
        #expect(
            try await eventually {
                try await installation.upstream.messages().contains { $0.contains("disk_low") }
            })
        let health = try await service.ask("GET", "/health")
        #expect(health.head.status == 200)
        #expect(health.body.contains("disk_low: downloads pause"))
        #expect(try await service.job(answer.jobID).status == "pending")
        #expect(try await installation.upstream.requests(for: ".csv.gz").isEmpty)
        unlink(ballast)
        let job = try await service.end(of: answer.jobID)
        #expect(job.status == "completed")
        #expect(installation.publishedNames().count == 3)
        let paused = try await installation.upstream.messages().filter {
            $0.contains("Downloads Paused")
        }
        #expect(paused.count == 1)
        _ = await service.stop()
    }
}
