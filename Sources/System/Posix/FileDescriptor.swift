// One open file, socket or event descriptor, closed exactly once, and what is read from one at
// once. It must not know what it is open on.

import Glibc

/// The owner of one descriptor: closing is the end of its life, on every path.
package struct FileDescriptor: ~Copyable {
    /// The number the kernel knows it by. Valid as long as this value lives.
    package let number: Int32

    /// Takes ownership of an open descriptor.
    package init(owning number: Int32) {
        precondition(number >= 0, "a descriptor is not negative")
        self.number = number
    }

    deinit {
        _ = Glibc.close(number)
    }

    /// Closes now and reports what `deinit` could only ignore: a failed write-back (close(2),
    /// NOTES).
    package consuming func close() throws(SystemError) {
        let number = self.number
        discard self
        // Not retried on EINTR: Linux has released the number already.
        if Glibc.close(number) == -1 {
            let code = errno
            if code != EINTR { throw SystemError(call: "close", code: code) }
        }
    }
}

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
