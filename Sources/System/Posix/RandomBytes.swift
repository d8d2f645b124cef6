// Bytes that nobody can predict. It must not know what they are for.

internal import CLinux
import Glibc

/// The kernel's random number generator (getrandom(2)).
package enum RandomBytes {
    /// Fills a buffer.
    package static func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        var filled = 0
        while filled < buffer.count {
            // A signal may end a call for more than 256 bytes before all of them are there.
            let count = getrandom(buffer.baseAddress! + filled, buffer.count - filled, 0)
            precondition(
                count > 0 || errno == EINTR,
                "getrandom fails only where the kernel has no generator")
            filled += max(0, count)
        }
    }
}
