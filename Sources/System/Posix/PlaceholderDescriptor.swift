// A descriptor that is open on nothing of interest. It must not know whose place it keeps.

import Glibc

extension FileDescriptor {
    /// A descriptor whose only use is to be closed when descriptors run out.
    ///
    /// - Throws: ``SystemError``, with EMFILE or ENFILE when they have run out already.
    package static func placeholder() throws(SystemError) -> FileDescriptor {
        FileDescriptor(owning: try syscall("open") { open("/dev/null", O_RDONLY | O_CLOEXEC) })
    }
}
