// A small file's bytes. It must not know what they mean.

import Glibc

/// Files that are read at once.
package enum FileContent {
    /// The first bytes of a file, no more than one beyond the most that the caller can use.
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
