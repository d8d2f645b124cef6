// Files open for reading, by one reader or several, and small files read whole.

import Glibc

/// A file open for reading. Not thread-safe.
package struct StoredFile: ~Copyable {
    /// The size at the opening.
    package let size: Int64
    private let descriptor: FileDescriptor

    init(_ descriptor: consuming FileDescriptor, size: Int64) {
        self.descriptor = descriptor
        self.size = size
    }

    /// Reads the next bytes.
    ///
    /// - Returns: the number of bytes; 0 at the end.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        let number = descriptor.number
        return try syscall("read") { Glibc.read(number, buffer.baseAddress, buffer.count) }
    }

    /// Makes the content durable, also what other processes wrote.
    ///
    /// - Throws: ``SystemError`` of fsync(2), final.
    package func sync() throws(SystemError) {
        let number = descriptor.number
        try syscall("fsync") { fsync(number) }
    }
}

/// A file open for several readers, with its status at the opening. Closed with the last reference.
package final class RegularFile: Sendable {
    private let descriptor: FileDescriptor
    /// In bytes.
    package let size: Int64
    /// The time of the last change, in nanoseconds since 1970-01-01 00:00 UTC, in the precision of
    /// the file system.
    package let modifiedNanoseconds: Int64
    /// The inode number.
    package let inode: UInt64

    /// Takes over a descriptor; `nil` if it is not of a regular file.
    ///
    /// - Throws: ``SystemError`` of fstat(2).
    package init?(_ descriptor: consuming FileDescriptor) throws(SystemError) {
        var status = stat()
        let number = descriptor.number
        try syscall("fstat") { fstat(number, &status) }
        guard status.st_mode & S_IFMT == S_IFREG else { return nil }
        size = Int64(status.st_size)
        modifiedNanoseconds =
            Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        inode = UInt64(status.st_ino)
        self.descriptor = descriptor
    }

    /// The descriptor's number, valid as long as this object lives. Only for calls that name the
    /// position: the readers share the descriptor.
    package var number: Int32 { descriptor.number }
}

extension ConfinedFolder {
    /// Opens a regular file in this folder for several readers, links not followed; `nil` if there
    /// is none.
    ///
    /// - Parameter name: one component.
    /// - Throws: ``SystemError``: EACCES, EMFILE, EINVAL for a name of several components …
    package func regularFile(_ name: String) throws(SystemError) -> RegularFile? {
        try Self.check(name: name)
        // O_NONBLOCK: opening a pipe must not wait.
        let flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
        do {
            let number = try syscall("openat") { openat(descriptor.number, name, flags) }
            return try RegularFile(FileDescriptor(owning: number))
        } catch {
            // ELOOP is a link, ENXIO a socket or a missing device.
            if [ENOENT, ELOOP, ENXIO].contains(error.code) { return nil }
            throw error
        }
    }

    /// Opens a regular file for one reader; `nil` if there is none.
    package func file(_ name: String) throws(SystemError) -> StoredFile? {
        guard let entry = try status(of: name), entry.isRegularFile else { return nil }
        // O_NONBLOCK: opening a pipe that took the name since must not wait.
        let flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
        let number = try syscall("openat") { openat(descriptor.number, name, flags) }
        return StoredFile(FileDescriptor(owning: number), size: entry.size)
    }
}

/// Small files, read whole.
package enum FileContent {
    /// The content of a file, or its first `bytesMax + 1` bytes.
    ///
    /// - Throws: ``SystemError`` of open(2) and read(2); EISDIR for a folder.
    package static func of(_ path: String, atMost bytesMax: Int) throws(SystemError) -> [UInt8] {
        let file = FileDescriptor(
            owning: try syscall("open") { open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY) })
        let number = file.number
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= bytesMax {
            let count = try syscall("read") { read(number, &part, part.count) }
            if count == 0 { break }
            bytes += part[..<count]
        }
        return Array(bytes.prefix(bytesMax + 1))
    }
}
