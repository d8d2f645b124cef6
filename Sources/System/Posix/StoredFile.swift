// A regular file in a confined folder, opened to be read again, and the small things that can be
// done to names there. It must not know what the file holds.

import Glibc

/// A file open for reading. Not thread-safe.
package struct StoredFile: ~Copyable {
    /// Its size when it was opened.
    package let size: Int64
    private let descriptor: FileDescriptor

    init(_ descriptor: consuming FileDescriptor, size: Int64) {
        self.descriptor = descriptor
        self.size = size
    }

    /// Reads the next bytes.
    ///
    /// - Returns: how many; 0 at the end.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        let number = descriptor.number
        return try syscall("read") { Glibc.read(number, buffer.baseAddress, buffer.count) }
    }

    /// Makes the content durable, whoever wrote it.
    ///
    /// - Throws: ``SystemError`` of fsync(2), final.
    package func sync() throws(SystemError) {
        let number = descriptor.number
        try syscall("fsync") { fsync(number) }
    }
}

extension ConfinedFolder {
    /// What stands under a name in this folder, links not followed.
    package struct Entry: Sendable {
        package let isFolder: Bool
        package let isRegularFile: Bool
        package let size: Int64
        package let identity: FileIdentity
    }

    /// Looks at a name; `nil` if nothing has it.
    package func status(of name: String) throws(SystemError) -> Entry? {
        try Self.check(name: name)
        var status = stat()
        do {
            try syscall("fstatat") {
                fstatat(descriptor.number, name, &status, AT_SYMLINK_NOFOLLOW)
            }
        } catch {
            if error.code == ENOENT { return nil }
            throw error
        }
        let kind = status.st_mode & S_IFMT
        return Entry(
            isFolder: kind == S_IFDIR, isRegularFile: kind == S_IFREG,
            size: Int64(status.st_size), identity: FileIdentity(status))
    }

    /// Opens a regular file to read it; `nil` if there is none, or something else has the name.
    package func file(_ name: String) throws(SystemError) -> StoredFile? {
        guard let entry = try status(of: name), entry.isRegularFile else { return nil }
        // O_NONBLOCK: should a pipe have taken the name since, opening it must not wait.
        let flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
        let number = try syscall("openat") { openat(descriptor.number, name, flags) }
        return StoredFile(FileDescriptor(owning: number), size: entry.size)
    }

    /// Removes a file or link; that there is none is fine.
    package func remove(_ name: String) throws(SystemError) {
        try Self.check(name: name)
        do {
            try syscall("unlinkat") { unlinkat(descriptor.number, name, 0) }
        } catch {
            if error.code != ENOENT { throw error }
        }
    }

    /// Removes an empty folder.
    ///
    /// - Returns: whether there is no such folder any more; `false` where something is in it.
    /// - Throws: ``SystemError``: ENOTDIR, EBUSY for the place of a mount, EACCES …
    package func removeFolder(_ name: String) throws(SystemError) -> Bool {
        try Self.check(name: name)
        do {
            try syscall("unlinkat") { unlinkat(descriptor.number, name, AT_REMOVEDIR) }
        } catch {
            // POSIX allows both for one that is not empty.
            if error.code == ENOTEMPTY || error.code == EEXIST { return false }
            if error.code != ENOENT { throw error }
        }
        return true
    }

    /// Gives a file another name in this folder; whatever had that name is gone.
    package func rename(_ name: String, to other: String) throws(SystemError) {
        try Self.check(name: name)
        try Self.check(name: other)
        try syscall("renameat") { renameat(descriptor.number, name, descriptor.number, other) }
    }

    /// Gives a file of another folder the same name in this one, without a copy of its bytes;
    /// whatever had the name here is gone.
    ///
    /// - Throws: ``SystemError``: EXDEV, EPERM or EMLINK where the file system cannot.
    package func link(_ name: String, from other: ConfinedFolder) throws(SystemError) {
        try Self.check(name: name)
        // linkat(2) replaces nothing: under a name of its own first.
        let interim = name + AtomicFile.suffix
        try remove(interim)
        try syscall("linkat") {
            linkat(other.descriptor.number, name, descriptor.number, interim, 0)
        }
        do {
            try rename(interim, to: name)
        } catch {
            try? remove(interim)
            throw error
        }
        // Two links to one file: renameat(2) did nothing, and leaves both names.
        try remove(interim)
        try sync()
    }
}
