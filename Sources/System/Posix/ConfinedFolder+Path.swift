// Which paths may be asked of a confined folder, and how a trusted root comes into being.

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
        // Bytes, as to the kernel: to Swift, a slash with an accent behind it is another character.
        let parts = path.utf8.split(separator: UInt8(ascii: "/"))
            .map { String(decoding: $0, as: UTF8.self) }.filter { $0 != "." }
        guard !parts.contains("..") else { throw SystemError(call: "openat2", code: EXDEV) }
        return parts
    }

    /// Makes a folder and its parents, each name durable before the next is made.
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
                // What stands there already need not even be writable for us.
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

    /// A name that is one component and nothing else.
    ///
    /// - Throws: ``SystemError`` with EINVAL for anything that could lead elsewhere.
    static func check(name: String) throws(SystemError) {
        guard !name.isEmpty, name != ".", name != "..", !name.utf8.contains(0),
            !name.utf8.contains(UInt8(ascii: "/"))
        else { throw SystemError(call: "openat", code: EINVAL) }
    }
}

extension SystemError {
    /// Whether this, from opening a folder, means that the path leads out of the confinement or
    /// through a link: EXDEV of openat2(2) with RESOLVE_BENEATH, ELOOP of O_NOFOLLOW.
    package var leavesFolder: Bool { code == EXDEV || code == ELOOP }
}

/// What tells a file or folder from every other one of the machine.
package struct FileIdentity: Hashable, Sendable {
    /// What tells its file system from every other one of the machine.
    package let device: UInt64
    /// Its number there. Numbers of what was removed are given again.
    package let inode: UInt64

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }

    func isOnSameDevice(as other: FileIdentity) -> Bool { device == other.device }
}

/// The room on a file system.
package struct DiskSpace: Hashable, Sendable {
    /// What an ordinary user may still fill.
    package let freeBytes: Int64
    package let totalBytes: Int64
    /// How many further files an ordinary user may make, whatever their size; `nil` where the file
    /// system sets no limit.
    package let freeFiles: Int64?
    /// How many files there can be in all; `nil` where the file system sets no limit.
    package let totalFiles: Int64?
    package let isReadOnly: Bool

    /// What the file system counts in blocks. Of file systems in user space every number is
    /// possible; an exbibyte is enough to tell.
    static func bytes(_ blocks: UInt, _ unit: Int64) -> Int64 {
        let (bytes, overflows) = Int64(clamping: blocks).multipliedReportingOverflow(by: unit)
        return overflows ? 1 << 60 : min(bytes, 1 << 60)
    }
}
