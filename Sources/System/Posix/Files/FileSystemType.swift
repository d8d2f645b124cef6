// The type of the file system of a path.

internal import CLinux
import Glibc

/// A file system's type.
package struct FileSystemType: Hashable, Sendable {
    /// The name that mount(8) shows, or the number in hexadecimal digits.
    package let name: String

    /// File systems of other machines, of hosts, of programs, and of layers: locks and shared
    /// memory may not work there as on a local disk.
    private static let shared: [UInt32: String] = [
        0x6969: "nfs", 0xFF53_4D42: "cifs", 0xFE53_4D42: "smb2", 0x517B: "smb", 0x564C: "ncp",
        0x0102_1997: "9p", 0x6573_5546: "fuse", 0x6573_5543: "fuse", 0x0BD0_0BD0: "lustre",
        0x7375_7245: "coda", 0x5346_414F: "afs", 0x00C3_6400: "ceph", 0x786F_4256: "vboxsf",
        0xBACB_ACBC: "vmhgfs", 0x6A65_6A63: "virtiofs", 0x4750_4653: "gpfs", 0x0116_1970: "gfs2",
        0x7461_636F: "ocfs2", 0x794C_7630: "overlay",
    ]
    private static let local: [UInt32: String] = [
        0xEF53: "ext4", 0x5846_5342: "xfs", 0x9123_683E: "btrfs", 0x0102_1994: "tmpfs",
        0x2FC1_2FC1: "zfs", 0xF2F5_2010: "f2fs", 0x4D44: "vfat", 0x2011_BAB0: "exfat",
        0x7366_746E: "ntfs3", 0x7371_7368: "squashfs", 0x9660: "iso9660", 0x8584_58F6: "ramfs",
    ]

    /// Whether locks and shared memory may not work as on a local disk.
    package let isShared: Bool
    /// Whether it is mounted read-only.
    package let isReadOnly: Bool

    /// - Parameter number: the type as statfs(2) returns it.
    package init(number: UInt32, isReadOnly: Bool = false) {
        name =
            FileSystemType.shared[number] ?? FileSystemType.local[number]
            ?? "0x" + String(number, radix: 16)
        isShared = FileSystemType.shared[number] != nil
        self.isReadOnly = isReadOnly
    }

    /// The type of the file at a path, or of its folder if the file is missing; `nil` if neither
    /// can be read.
    package init?(of path: String) {
        var status = statfs()
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        guard statfs(path, &status) == 0 || statfs(folder, &status) == 0 else { return nil }
        self.init(
            number: UInt32(truncatingIfNeeded: status.f_type),
            isReadOnly: status.f_flags & Int(ST_RDONLY) != 0)
    }
}
