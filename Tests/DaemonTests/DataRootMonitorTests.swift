// The data root as it is at each look, on the real disk.

import Dispatch
import Glibc
import Jobs
import TestSupport
import Testing

@testable import Daemon

@Suite struct DataRootMonitorTests {
    let folder = TemporaryFolder()

    private func monitor(_ name: String = "data") -> DataRootMonitor {
        DataRootMonitor(path: folder.path(name), queue: DispatchQueue(label: "test"))
    }

    @Test func `a folder is marked once, and known by its mark wherever it goes`() async throws {
        let monitor = monitor()
        #expect(try await monitor.look() == nil)
        let marker = try await monitor.mark()
        #expect(marker.count == 32)
        #expect(try await monitor.mark() == marker)
        let reading = try #require(try await monitor.look())
        #expect(reading.marker == marker)
        #expect(reading.freeBytes > 0)
        #expect(folder.names(in: "data") == [".download-service-root"])
        rename(folder.path("data"), folder.path("moved"))
        #expect(try await monitor.look() == nil)
        #expect(try await self.monitor("moved").look()?.marker == marker)
        mkdir(folder.path("data"), 0o755)
        #expect(try #require(try await monitor.look()).marker == nil)
        #expect(try await monitor.mark() != marker)
    }

    @Test func `what is no mark is replaced by one`() async throws {
        let path = folder.path("data/.download-service-root")
        mkdir(folder.path("data"), 0o755)
        for content in ["", "short", String(repeating: "G", count: 32)] {
            writeFile(Array(content.utf8), to: path)
            #expect(try #require(try await monitor().look()).marker == nil)
            let marker = try await monitor().mark()
            #expect(try await monitor().look()?.marker == marker)
        }
    }

    @Test func `what is no folder is refused with the reason`() async {
        writeFile([1], to: folder.path("data"))
        await #expect(throws: StorageRefusal("Not a directory")) { try await monitor().look() }
        await #expect(throws: StorageRefusal.self) { try await monitor().mark() }
    }

    @Test(.enabled(if: getuid() == 0, "mounting needs root"))
    func `what is mounted there now is what is seen, with its inodes`() async throws {
        let monitor = monitor()
        let marker = try await monitor.mark()
        let path = folder.path("data")
        guard mount("tmpfs", path, "tmpfs", 0, "size=1m,nr_inodes=50") == 0 else { return }
        defer { umount2(path, Int32(MNT_DETACH)) }
        let reading = try #require(try await monitor.look())
        #expect(reading.marker == nil)
        #expect(reading.freeBytes <= 1 << 20)
        #expect(reading.inodes?.total == 50)
        #expect(mount("tmpfs", path, "tmpfs", UInt(MS_REMOUNT | MS_RDONLY), nil) == 0)
        await #expect(throws: StorageRefusal("Read-only file system")) { try await monitor.look() }
        umount2(path, Int32(MNT_DETACH))
        #expect(try await monitor.look()?.marker == marker)
        // It counts no blocks, and is not full for that.
        guard mount("ramfs", path, "ramfs", 0, nil) == 0 else { return }
        defer { umount2(path, Int32(MNT_DETACH)) }
        #expect(try await monitor.look()?.freeBytes == 1 << 60)
    }
}
