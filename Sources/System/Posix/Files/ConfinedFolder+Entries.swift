// The files and folders in a confined folder: listing, status, and changes of names.

import Glibc

extension ConfinedFolder {
    /// The names in this folder, in no order; after a read error the names before it.
    ///
    /// - Throws: ``SystemError`` if the folder cannot be opened for reading.
    package var names: [String] {
        get throws(SystemError) {
            // Opened again: all readers of a descriptor share its position.
            let parent = descriptor.number
            let number = try syscall("openat") {
                openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            }
            guard let stream = fdopendir(number) else {
                close(number)
                return []
            }
            defer { closedir(stream) }
            var names: [String] = []
            while let entry = readdir(stream) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                        String(cString: $0)
                    }
                }
                if name != ".", name != ".." { names.append(name) }
            }
            return names
        }
    }

    /// Visits this folder and all folders below it that can be opened, without links, hidden
    /// folders and other file systems.
    package func visitAll(_ visit: (ConfinedFolder, _ names: [String]) -> Void) {
        var waiting = [self]
        while let folder = waiting.popLast() {
            guard let names = try? folder.names else { continue }
            visit(folder, names)
            for name in names where !name.hasPrefix(".") {
                guard let entry = try? folder.status(of: name), entry.isFolder,
                    let below = try? folder.folder(name, creating: false),
                    let identity = try? below.identity, let own = try? self.identity,
                    identity.isOnSameDevice(as: own)
                else { continue }
                waiting.append(below)
            }
        }
    }

    /// The status of a name; `nil` if it does not exist.
    package func status(of name: String) throws(SystemError) -> FileStatus? {
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
        return FileStatus(
            isFolder: kind == S_IFDIR, isRegularFile: kind == S_IFREG,
            size: Int64(status.st_size), identity: FileIdentity(status))
    }

    /// Removes a file or link, if there is one.
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
    /// - Returns: `true` if the folder is gone; `false` if it is not empty.
    /// - Throws: ``SystemError``: ENOTDIR, EBUSY for a mount point, EACCES …
    package func removeFolder(_ name: String) throws(SystemError) -> Bool {
        try Self.check(name: name)
        do {
            try syscall("unlinkat") { unlinkat(descriptor.number, name, AT_REMOVEDIR) }
        } catch {
            // POSIX allows both codes for a folder that is not empty.
            if error.code == ENOTEMPTY || error.code == EEXIST { return false }
            if error.code != ENOENT { throw error }
        }
        return true
    }

    /// Renames a file in this folder; a file of that name is replaced.
    package func rename(_ name: String, to other: String) throws(SystemError) {
        try Self.check(name: name)
        try Self.check(name: other)
        try syscall("renameat") { renameat(descriptor.number, name, descriptor.number, other) }
    }

    /// Links a file of another folder under the same name into this one, without a copy of its
    /// bytes; a file of that name is replaced.
    ///
    /// - Throws: ``SystemError``: EXDEV, EPERM or EMLINK if the file system cannot.
    package func link(_ name: String, from other: ConfinedFolder) throws(SystemError) {
        try Self.check(name: name)
        // linkat(2) never replaces a file: under an interim name first.
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
        // If both names were links to one file, renameat(2) did nothing and left both.
        try remove(interim)
        try sync()
    }

    /// Checks that a name is a single component.
    ///
    /// - Throws: ``SystemError`` with EINVAL for any other text.
    static func check(name: String) throws(SystemError) {
        guard !name.isEmpty, name != ".", name != "..", !name.utf8.contains(0),
            !name.utf8.contains(UInt8(ascii: "/"))
        else { throw SystemError(call: "openat", code: EINVAL) }
    }
}

/// The status of a name in a folder, links not followed.
package struct FileStatus: Sendable {
    package let isFolder: Bool
    package let isRegularFile: Bool
    package let size: Int64
    package let identity: FileIdentity
}
