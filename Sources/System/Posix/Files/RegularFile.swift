// A regular file open for reading at any place, by several readers at once if need be.

import Glibc

/// An open file and what was known of it when it was opened. Closed when the last reference goes.
package final class RegularFile: Sendable {
    private let descriptor: FileDescriptor
    /// In bytes.
    package let size: Int64
    /// When its content last changed, in nanoseconds since 1970-01-01 00:00 UTC, as exactly as the
    /// file system keeps it.
    package let modifiedNanoseconds: Int64
    /// Its number in its file system.
    package let inode: UInt64

    /// Takes over a descriptor; `nil` if it is open on something else than a regular file.
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

    /// The descriptor's number, valid as long as this object lives. Only to be read with calls that
    /// name the place: others share it.
    package var number: Int32 { descriptor.number }
}

extension ConfinedFolder {
    /// Opens a regular file in this folder, links not followed; `nil` if there is none, or
    /// something else has the name.
    ///
    /// - Parameter name: one component.
    /// - Throws: ``SystemError``: EACCES, EMFILE, EINVAL for a name that could lead elsewhere …
    package func regularFile(_ name: String) throws(SystemError) -> RegularFile? {
        try Self.check(name: name)
        // O_NONBLOCK: should a pipe have the name, opening it must not wait.
        let flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
        do {
            let number = try syscall("openat") { openat(descriptor.number, name, flags) }
            return try RegularFile(FileDescriptor(owning: number))
        } catch {
            // ELOOP is a link, ENXIO a socket or a device that is not there.
            if [ENOENT, ELOOP, ENXIO].contains(error.code) { return nil }
            throw error
        }
    }
}
