// Automatic backups, the refusal of a damaged database, and its restore.

import APITypes
import FoundationEssentials
import Glibc
import ServiceSupport
import TestSupport
import Testing

@Suite struct BackupTests {
    @Test func `a damaged database is refused at the start and restored from the newest backup`()
        async throws
    {
        let installation = try await Installation()
        let service = try await installation.startService()
        let answer = try await service.submit(
            exchange: "binance", symbols: ["BTCUSDT"], from: "2024-01-01", to: "2024-01-02")
        _ = try await service.end(of: answer.jobID)
        let folder = "\(installation.root)/data/backups"
        // The first backup follows the start.
        let isBackedUp = await eventually { service.process.errors.contains("backed up") }
        #expect(isBackedUp, "\(service.process.errors.suffix(2_000))")
        let backup = try await installation.run(["backup"])
        #expect(backup.exitCode == 0, "\(backup.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 2)

        let early = try await installation.run(["restore"])
        #expect(early.exitCode == 1)
        #expect(
            early.errors.contains("process \(service.process.pid) is using the database"),
            "\(early.errors)")
        // Stopped, not killed: a remaining write-ahead log would restore the overwritten pages.
        #expect(await service.stop() == 0)
        writeFile(Array("this is no database".utf8), to: installation.database)
        let refused = try await installation.run([])
        #expect(refused.exitCode == 1)
        #expect(refused.errors.contains("make restore-db"), "\(refused.errors)")

        let restore = try await installation.run(["restore"])
        #expect(restore.exitCode == 0, "\(restore.errors)")
        #expect(restore.output.contains(".broken-"), "\(restore.output)")
        let requests = try await installation.upstream.requests(for: ".csv.gz").count
        let second = try await installation.startService()
        #expect(try await second.job(answer.jobID).status == "completed")
        let again = try await second.submit(
            exchange: "binance", symbols: ["BTCUSDT"], from: "2024-01-01", to: "2024-01-02")
        #expect(try await second.end(of: again.jobID).status == "completed")
        #expect(try await installation.upstream.requests(for: ".csv.gz").count == requests)
        #expect(await second.stop() == 0)
    }

    @Test func `a database of another version is refused at the start, and stays as it is`()
        async throws
    {
        let installation = try await Installation()
        let service = try await installation.startService()
        #expect(await service.stop() == 0)
        let original = try #require(FileManager.default.contents(atPath: installation.database))
        for (version, advice) in [(UInt8(13), "never published"), (250, "newer version")] {
            // The user version is the big-endian number at offset 60 (sqlite.org/fileformat.html).
            var bytes = [UInt8](original)
            bytes.replaceSubrange(60..<64, with: [0, 0, 0, version])
            writeFile(bytes, to: installation.database)
            let before = FileManager.default.contents(atPath: installation.database)
            for arguments in [[], ["retention", "--dry-run"]] {
                let refused = try await installation.run(arguments)
                #expect(refused.exitCode == 78, "\(refused.errors)")
                #expect(refused.errors.contains(advice), "\(refused.errors)")
            }
            #expect(FileManager.default.contents(atPath: installation.database) == before)
        }
        writeFile([UInt8](original), to: installation.database)
        let again = try await installation.startService()
        #expect(await again.stop() == 0)
    }

    @Test(.enabled(if: getuid() == 0, "mounting needs root"))
    func `a database on a read-only disk is refused with advice`() async throws {
        let installation = try await Installation()
        let folder = "\(installation.root)/data"
        mkdir(folder, 0o755)
        guard mount("tmpfs", folder, "tmpfs", UInt(MS_RDONLY), nil) == 0 else { return }
        defer { umount2(folder, Int32(MNT_DETACH)) }
        let refused = try await installation.run([])
        #expect(refused.exitCode == 1)
        for text in ["data/ (DATABASE_URL)", "Read-only file system", "make it writable"] {
            #expect(refused.errors.contains(text), "\(refused.errors)")
        }
    }
}
