// One open file, socket or event descriptor, closed exactly once.

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

extension FileDescriptor {
    /// A descriptor whose only use is to be closed when descriptors run out.
    ///
    /// - Throws: ``SystemError``, with EMFILE or ENFILE when they have run out already.
    package static func placeholder() throws(SystemError) -> FileDescriptor {
        FileDescriptor(owning: try syscall("open") { open("/dev/null", O_RDONLY | O_CLOEXEC) })
    }
}
