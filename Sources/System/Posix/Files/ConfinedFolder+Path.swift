// Paths below a confined folder, the making of its root, and the identity and space of files.

import Glibc

extension ConfinedFolder {
    /// The components of a path below a folder.
    ///
    /// - Throws: ``SystemError``: EXDEV for `..` and absolute paths, EINVAL for a NUL.
    static func components(of path: String) throws(SystemError) -> [String] {
        guard !path.utf8.contains(0) else { throw SystemError(call: "openat2", code: EINVAL) }
        guard path.utf8.first != UInt8(ascii: "/") else {
            throw SystemError(call: "openat2", code: EXDEV)
        }
        // Bytes, as in the kernel: to Swift, a slash with an accent is another character.
        let parts = path.utf8.split(separator: UInt8(ascii: "/"))
            .map { String(decoding: $0, as: UTF8.self) }.filter { $0 != "." }
        guard !parts.contains("..") else { throw SystemError(call: "openat2", code: EXDEV) }
        return parts
    }

    /// Makes a folder and its parents, and syncs each name before the next is made.
    static func makeFolders(_ path: String) throws(SystemError) {
        var prefix = path.utf8.first == UInt8(ascii: "/") ? "/" : ""
        for part in path.utf8.split(separator: UInt8(ascii: "/")) {
            let component = String(decoding: part, as: UTF8.self)
            let parent = prefix.isEmpty ? "." : prefix
            prefix += prefix.isEmpty || prefix == "/" ? component : "/\(component)"
            let made = prefix
            do {
                try syscall("mkdir") { mkdir(made, 0o777) }
            } catch {
                // An existing folder need not be writable.
                if error.code == EEXIST || isFolder(made) { continue }
                throw error
            }
            try ConfinedFolder(root: parent, creating: false, resolution: .stepByStep).sync()
        }
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}

extension SystemError {
    /// Whether opening a folder failed because the path leads out of the confinement or through a
    /// link: EXDEV of openat2(2) with RESOLVE_BENEATH, ELOOP of O_NOFOLLOW.
    package var leavesFolder: Bool { code == EXDEV || code == ELOOP }
}

/// The identity of a file or folder on this machine.
package struct FileIdentity: Hashable, Sendable {
    /// The number of its file system.
    package let device: UInt64
    /// Its number there; numbers of removed files are reused.
    package let inode: UInt64

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }

    func isOnSameDevice(as other: FileIdentity) -> Bool { device == other.device }
}

/// The space of a file system.
package struct DiskSpace: Hashable, Sendable {
    /// Free for ordinary users; an exbibyte if the file system does not report it.
    package let freeBytes: Int64
    package let totalBytes: Int64
    /// Files that ordinary users may still make; `nil` if the file system sets no limit.
    package let freeFiles: Int64?
    /// The limit of files; `nil` if the file system sets none.
    package let totalFiles: Int64?
    package let isReadOnly: Bool

    /// An exbibyte, the largest number reported.
    static let bytesMax: Int64 = 1 << 60

    /// A number of blocks in bytes. File systems in user space may report any number.
    static func bytes(_ blocks: UInt, _ unit: Int64) -> Int64 {
        let (bytes, overflows) = Int64(clamping: blocks).multipliedReportingOverflow(by: unit)
        return overflows ? bytesMax : min(bytes, bytesMax)
    }
}
