// The data root as it is at each check: opened anew by its path, so that the current mount counts.
//
// A marker file identifies the folder, since the machine offers nothing stable: device numbers
// change with each start, f_fsid(2) is a device number on XFS and zero on some file systems, UUIDs
// cannot be read in containers, and a disk that was copied to a larger one is still the right one.

import Bytes
import Concurrency
import Dispatch
import Glibc
import Jobs
import Posix

/// Looks at the data root and marks it.
final class DataRootMonitor: FreeSpaceProviding {
    /// A hidden file, which neither `ls` nor a pattern such as `*` finds.
    private static let markerName = ".download-service-root"
    /// Bytes at random in a marker, written as twice as many digits.
    private static let markerBytes = 16

    let location: String
    private let path: String
    /// Where to wait for the disk: one that hangs must not take along a thread of the pool with
    /// each question.
    private let queue: DispatchQueue

    /// - Parameter path: `DEFAULT_OUTPUT_PATH`, absolute or relative to the working folder.
    init(path: String, queue: DispatchQueue) {
        self.path = path
        self.queue = queue
        location = path.hasPrefix("/") ? path : "\(DataFolder.working ?? ".")/\(path)"
    }

    func look() async throws(StorageRefusal) -> StorageReading? {
        try await queue.run { self.lookNow() }.get()
    }

    func mark() async throws(StorageRefusal) -> String {
        try await queue.run { self.markNow() }.get()
    }

    /// Whether these folders lead out of the data root, see ``ConfinedFolder/isLeft(by:)``.
    func isLeft(by components: [String]) async -> Bool {
        await queue.run { [path] in
            (try? ConfinedFolder(root: path, creating: false))?.isLeft(by: components) ?? false
        }
    }

    /// Blocks while the file system answers.
    func lookNow() -> Result<StorageReading?, StorageRefusal> {
        refusing { () throws(SystemError) in
            let folder: ConfinedFolder
            do throws(SystemError) {
                folder = try ConfinedFolder(root: path, creating: false)
            } catch {
                if error.code == ENOENT { return nil }
                throw error
            }
            let space = try folder.space
            if space.isReadOnly { throw SystemError(call: "open", code: EROFS) }
            let inodes: InodeCount? =
                if let free = space.freeFiles, let total = space.totalFiles {
                    InodeCount(free: free, total: total)
                } else {
                    nil
                }
            return StorageReading(
                freeBytes: space.freeBytes, inodes: inodes, marker: try marker(in: folder))
        }
    }

    /// Whether the service's user may make files in the data root itself; blocks meanwhile.
    var isWritable: Bool { access(path, W_OK | X_OK) == 0 }

    /// Blocks while the file system works.
    func markNow() -> Result<String, StorageRefusal> {
        refusing { () throws(SystemError) in
            let folder = try ConfinedFolder(root: path)
            if let marker = try marker(in: folder) { return marker }
            var bytes = [UInt8](repeating: 0, count: DataRootMonitor.markerBytes)
            bytes.withUnsafeMutableBytes { RandomBytes.fill($0) }
            let text = Hexadecimal.text(bytes)
            var file = try AtomicFile(replacing: DataRootMonitor.markerName, in: folder)
            let line = Array((text + "\n").utf8)
            try line.withUnsafeBufferPointer { bytes throws(SystemError) in
                try file.write(UnsafeRawBufferPointer(bytes))
            }
            try file.publish()
            return text
        }
    }

    /// `nil` where there is none, or something else under its name.
    private func marker(in folder: ConfinedFolder) throws(SystemError) -> String? {
        guard let file = try folder.file(DataRootMonitor.markerName) else { return nil }
        var bytes = [UInt8](repeating: 0, count: 2 * DataRootMonitor.markerBytes)
        let count = try bytes.withUnsafeMutableBufferPointer { buffer throws(SystemError) in
            try file.read(into: UnsafeMutableRawBufferPointer(buffer))
        }
        let isMarker =
            count == bytes.count
            && bytes.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        return isMarker ? String(decoding: bytes, as: UTF8.self) : nil
    }

    private func refusing<Value>(
        _ body: () throws(SystemError) -> Value
    ) -> Result<Value, StorageRefusal> {
        do throws(SystemError) {
            return .success(try body())
        } catch {
            return .failure(StorageRefusal(error.reason))
        }
    }
}
