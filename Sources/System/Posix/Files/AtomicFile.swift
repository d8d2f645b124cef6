// A file that gets its name when it is whole and durable.
//
// Order matters (Dan Luu, "Files are fraught with peril"): data synced before the rename, the
// folder after it. A failed fsync is final: Linux marks the pages clean and reports once, so a
// second fsync may lie.

internal import CLinux
import Glibc

/// A file under construction: `NAME.part` until it is published as `NAME`.
///
/// Ending its life without ``publish()`` removes it. Not thread-safe.
package struct AtomicFile: ~Copyable {
    private let folder: ConfinedFolder
    private let name: String
    private let descriptor: FileDescriptor
    private let identity: FileIdentity
    /// Whether it has its name, so that no part is left to remove.
    private var isPublished = false
    private var writtenBytes = 0
    /// Bytes that the disk was asked to write.
    private var startedBytes = 0

    /// The suffix of an unpublished file.
    package static let suffix = ".part"

    /// Write-back is started after this many bytes. Linux alone starts it after half a minute, and
    /// the sync of a large file then waits for all of it; smaller pieces would scatter the writes.
    private static let writeBackBytes = 8 << 20

    /// Opens an empty `NAME.part`; a part that an earlier process left is removed.
    ///
    /// - Parameter name: one component.
    /// - Throws: ``SystemError``: EISDIR if a folder has the final name, ENOSPC, EROFS, EACCES,
    ///   ENAMETOOLONG …
    package init(replacing name: String, in folder: ConfinedFolder) throws(SystemError) {
        try ConfinedFolder.check(name: name)
        if try folder.status(of: name)?.isFolder == true {
            throw SystemError(call: "openat", code: EISDIR)
        }
        let number = try Self.make(name + Self.suffix, in: folder)
        let opened = FileDescriptor(owning: number)
        // Shows sweepers, also those of other processes, that the writer is alive. On a file system
        // without locks, sweepers cannot take one either, and no part is swept.
        _ = try? syscall("flock") { flock(number, LOCK_EX | LOCK_NB) }
        var status = stat()
        try syscall("fstat") { fstat(number, &status) }
        descriptor = opened
        identity = FileIdentity(status)
        self.folder = folder
        self.name = name
    }

    /// Makes an empty file, in place of one that an earlier process left.
    private static func make(
        _ part: String, in folder: ConfinedFolder
    ) throws(SystemError) -> Int32 {
        let parent = folder.descriptor.number
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        do {
            return try syscall("openat") { openat(parent, part, flags, 0o666) }
        } catch {
            guard error.code == EEXIST else { throw error }
        }
        try folder.remove(part)
        return try syscall("openat") { openat(parent, part, flags, 0o666) }
    }

    deinit {
        if isPublished { return }
        // A failure cannot be returned here; the next attempt removes the part.
        if (try? folder.status(of: name + Self.suffix))??.identity == identity {
            try? folder.remove(name + Self.suffix)
        }
    }

    /// Removes the part file of a name if its writer is gone.
    ///
    /// - Parameter name: of the final file; one component.
    /// - Returns: whether a part was removed.
    package static func sweep(
        _ name: String, in folder: ConfinedFolder
    ) throws(SystemError)
        -> Bool
    {
        let part = name + suffix
        guard let entry = try folder.status(of: part), entry.isRegularFile else { return false }
        let parent = folder.descriptor.number
        let flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
        let opened = FileDescriptor(
            owning: try syscall("openat") { openat(parent, part, flags) })
        let number = opened.number
        // A lock ends with its process: one that can be taken proves that there is no writer.
        guard (try? syscall("flock") { flock(number, LOCK_EX | LOCK_NB) }) != nil else {
            return false
        }
        var status = stat()
        try syscall("fstat") { fstat(number, &status) }
        guard try folder.status(of: part)?.identity == FileIdentity(status) else { return false }
        try folder.remove(part)
        return true
    }

    /// Appends all of the bytes.
    ///
    /// - Throws: ``SystemError``: ENOSPC, EDQUOT, EIO, EFBIG …
    package mutating func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        var rest = bytes
        let number = descriptor.number
        while !rest.isEmpty {
            let piece = rest
            let count = try syscall("write") { Glibc.write(number, piece.baseAddress, piece.count) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
        writtenBytes += bytes.count
        if writtenBytes - startedBytes >= Self.writeBackBytes { startWriteBack() }
    }

    /// Starts the write-back of the bytes since the last one.
    private mutating func startWriteBack() {
        // A hint: fsync(2) reports the errors since the opening; some file systems do not support
        // this call.
        _ = sync_file_range(
            descriptor.number, startedBytes, writtenBytes - startedBytes,
            UInt32(SYNC_FILE_RANGE_WRITE))
        startedBytes = writtenBytes
    }

    /// Makes the content durable and gives it its name, replacing what had that name.
    ///
    /// - Parameter syncsFolder: whether the name is made durable too. If not, that is left to the
    ///   caller, who may do it once for many files; a crash before may leave the name away.
    /// - Throws: ``SystemError``; then nothing new stands under the name, unless only the folder
    ///   could not be synced. ESTALE means that another process replaced the part file meanwhile.
    package consuming func publish(syncsFolder: Bool = true) throws(SystemError) {
        let number = descriptor.number
        try syscall("fsync") { fsync(number) }
        let part = name + Self.suffix
        // Another process may have replaced the part by a file of its own.
        guard try folder.status(of: part)?.identity == identity else {
            throw SystemError(call: "renameat", code: ESTALE)
        }
        let parent = folder.descriptor.number
        let final = name
        try syscall("renameat") { renameat(parent, part, parent, final) }
        isPublished = true
        if syncsFolder { try folder.sync() }
    }
}
