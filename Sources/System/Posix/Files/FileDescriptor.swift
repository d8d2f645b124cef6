// One open file, socket or event descriptor, closed exactly once.

import Glibc

/// The owner of one descriptor, which is closed at the end of its life on every path.
package struct FileDescriptor: ~Copyable {
    /// The kernel's number, valid as long as this value lives.
    package let number: Int32

    /// Takes ownership of an open descriptor.
    package init(owning number: Int32) {
        precondition(number >= 0, "a descriptor is not negative")
        self.number = number
    }

    deinit {
        _ = Glibc.close(number)
    }

    /// Closes and reports a failed write-back (close(2), NOTES), which `deinit` ignores.
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

extension FileDescriptor {
    /// A descriptor to close when the process runs out of descriptors.
    ///
    /// - Throws: ``SystemError``, with EMFILE or ENFILE if it has already run out.
    package static func placeholder() throws(SystemError) -> FileDescriptor {
        FileDescriptor(owning: try syscall("open") { open("/dev/null", O_RDONLY | O_CLOEXEC) })
    }
}
