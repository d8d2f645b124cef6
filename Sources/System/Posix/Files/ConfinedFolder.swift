// A folder that no path can leave: no `..`, no absolute path, no symbolic link.

internal import CLinux
import Glibc
import Synchronization

/// An open folder, and the root of all files that are opened through it.
///
/// Paths are resolved by openat2(2) with RESOLVE_BENEATH, so that no component leaves the folder at
/// the moment of opening, even if folders are renamed meanwhile; links that stay inside are
/// followed. If the kernel has no openat2 or a sandbox forbids it, components are opened one by one
/// and every link is refused.
package final class ConfinedFolder: Sendable {
    let descriptor: FileDescriptor
    private let resolution: Resolution

    /// How paths are resolved.
    enum Resolution {
        case kernel
        case stepByStep
    }

    private init(_ descriptor: consuming FileDescriptor, _ resolution: Resolution) {
        self.descriptor = descriptor
        self.resolution = resolution
    }

    /// Opens the folder at a trusted path, by default making it and its parents.
    ///
    /// - Parameter path: absolute, or relative to the current folder; links are followed.
    /// - Throws: ``SystemError``: ENOENT, ENOTDIR, EACCES, EROFS …
    package convenience init(root path: String, creating: Bool = true) throws(SystemError) {
        try self.init(root: path, creating: creating, resolution: nil)
    }

    /// As ``init(root:creating:)``, with a given resolution instead of a probed one.
    convenience init(
        root path: String, creating: Bool, resolution: Resolution?
    ) throws(SystemError) {
        let descriptor = try Self.openRoot(path, creating: creating)
        if let resolution {
            self.init(descriptor, resolution)
        } else {
            let found = try Self.probe(descriptor)
            self.init(descriptor, found)
        }
    }

    /// Opens a folder below this one, by default making and syncing missing folders.
    ///
    /// - Parameters:
    ///   - path: components joined by `/`; empty and `.` mean nothing, `..` and a leading `/` are
    ///     refused.
    ///   - made: called for each folder that this call has made.
    /// - Throws: ``SystemError``: EXDEV, ELOOP or ENOTDIR where the path would leave this folder
    ///   (see ``SystemError/leavesFolder``), ENOENT, EACCES, EROFS, ENOSPC …
    package func folder(
        _ path: String, creating: Bool = true,
        made: (_ components: ArraySlice<String>, ConfinedFolder) -> Void = { _, _ in }
    ) throws(SystemError) -> ConfinedFolder {
        let components = try Self.components(of: path)
        do {
            return try open(components[...])
        } catch {
            guard creating, error.code == ENOENT else { throw error }
        }
        var attemptsLeft = 3
        while true {
            do {
                var parent = try open([])
                for end in components.indices {
                    parent = try openOrMake(components[...end], in: parent, made)
                }
                return parent
            } catch {
                // Retention may have removed one of them while it was empty.
                attemptsLeft -= 1
                guard error.code == ENOENT, attemptsLeft > 0 else { throw error }
            }
        }
    }

    /// Makes the names in the folder durable, after files were renamed, made or removed.
    ///
    /// - Throws: ``SystemError`` of fsync(2); final, like every failed fsync.
    package func sync() throws(SystemError) {
        do {
            try syscall("fsync") { fsync(descriptor.number) }
        } catch {
            // Some network and FUSE file systems cannot sync a folder, and return these codes.
            guard error.code == EINVAL || error.code == ENOTSUP else { throw error }
        }
    }

    /// Makes a file in the folder and removes it again: modes alone do not show whether that works.
    /// A full disk is no failure.
    ///
    /// - Throws: ``SystemError``: EACCES, EROFS …
    package func checkIsWritable() throws(SystemError) {
        let name = ".write-check.\(getpid())"
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC
        do {
            _ = FileDescriptor(
                owning: try syscall("openat") { openat(descriptor.number, name, flags, 0o600) })
        } catch {
            guard error.code == ENOSPC || error.code == EDQUOT else { throw error }
        }
        try remove(name)
    }

    /// The identity of this folder on the machine, the same for all its paths.
    package var identity: FileIdentity {
        get throws(SystemError) {
            var status = stat()
            try syscall("fstat") { fstat(descriptor.number, &status) }
            return FileIdentity(status)
        }
    }

    /// The space of its file system.
    package var space: DiskSpace {
        get throws(SystemError) {
            var status = statvfs()
            try syscall("fstatvfs") { fstatvfs(descriptor.number, &status) }
            let unit = Int64(clamping: status.f_frsize)
            // btrfs, for one, counts bytes only.
            let countsFiles = status.f_files > 0
            return DiskSpace(
                // ramfs and some file systems in user space count nothing.
                freeBytes: status.f_blocks > 0
                    ? DiskSpace.bytes(status.f_bavail, unit) : DiskSpace.bytesMax,
                totalBytes: DiskSpace.bytes(status.f_blocks, unit),
                freeFiles: countsFiles ? Int64(clamping: status.f_favail) : nil,
                totalFiles: countsFiles ? Int64(clamping: status.f_files) : nil,
                isReadOnly: status.f_flag & UInt(ST_RDONLY) != 0)
        }
    }

    // MARK: Opening

    /// Makes folders only if opening fails: usually all of them exist.
    private static func openRoot(
        _ path: String, creating: Bool
    ) throws(SystemError) -> FileDescriptor {
        let flags = folderFlags
        do {
            return FileDescriptor(owning: try syscall("open") { Glibc.open(path, flags) })
        } catch {
            guard creating, error.code == ENOENT else { throw error }
        }
        try makeFolders(path)
        return FileDescriptor(owning: try syscall("open") { Glibc.open(path, flags) })
    }

    private func open(_ components: ArraySlice<String>) throws(SystemError) -> ConfinedFolder {
        let opened =
            switch resolution {
            case .kernel: try Self.openBeneath(descriptor, components.joined(separator: "/"))
            case .stepByStep: try openStepByStep(components)
            }
        return ConfinedFolder(opened, resolution)
    }

    private func openOrMake(
        _ components: ArraySlice<String>, in parent: ConfinedFolder,
        _ made: (ArraySlice<String>, ConfinedFolder) -> Void
    ) throws(SystemError) -> ConfinedFolder {
        do {
            return try open(components)
        } catch {
            guard error.code == ENOENT, let name = components.last else { throw error }
            var isMade = true
            do {
                try syscall("mkdirat") { mkdirat(parent.descriptor.number, name, 0o777) }
            } catch {
                // Another thread has made it, for another job with the same folder.
                guard error.code == EEXIST else { throw error }
                isMade = false
            }
            try parent.sync()
            let folder = try open(components)
            if isMade { made(components, folder) }
            return folder
        }
    }

    private static func openBeneath(
        _ folder: borrowing FileDescriptor, _ path: String
    ) throws(SystemError) -> FileDescriptor {
        let number = folder.number
        var attemptsLeft = 16
        while true {
            do {
                let opened = try syscall("openat2") {
                    clinux_openat2(
                        number, path.isEmpty ? "." : path, UInt64(folderFlags), 0,
                        UInt64(RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS))
                }
                return FileDescriptor(owning: opened)
            } catch {
                // A rename raced with the check; openat2(2) advises to try again.
                attemptsLeft -= 1
                guard error.code == EAGAIN, attemptsLeft > 0 else { throw error }
            }
        }
    }

    private func openStepByStep(
        _ components: ArraySlice<String>
    ) throws(SystemError) -> FileDescriptor {
        var number = descriptor.number
        var present = FileDescriptor(
            owning: try syscall("openat") { openat(number, ".", folderFlags) })
        for component in components {
            number = present.number
            present = FileDescriptor(
                owning: try syscall("openat") {
                    openat(number, component, folderFlags | O_NOFOLLOW)
                })
        }
        return present
    }

    /// The resolution that this kernel and the sandbox of the process allow; probed once.
    private static func probe(_ root: borrowing FileDescriptor) throws(SystemError) -> Resolution {
        if let found = found.withLock({ $0 }) { return found }
        let resolution: Resolution
        do {
            _ = try openBeneath(root, ".")
            resolution = .kernel
        } catch {
            guard error.code == ENOSYS || error.code == EPERM else { throw error }
            resolution = .stepByStep
        }
        found.withLock { $0 = resolution }
        return resolution
    }

    private static let found = Mutex<Resolution?>(nil)
}

/// How every folder is opened.
private let folderFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
