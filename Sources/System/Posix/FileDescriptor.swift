// One open file, socket or event descriptor, closed exactly once. It must not know what it is open
// on.

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
