// Bytes that nobody can predict. It must not know what they are for.

import Glibc

/// The kernel's random number generator (getentropy(3)).
package enum RandomBytes {
    /// Fills a buffer.
    package static func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        var filled = 0
        while filled < buffer.count {
            // getentropy gives at most 256 bytes at a time.
            let count = min(256, buffer.count - filled)
            let result = getentropy(buffer.baseAddress! + filled, count)
            precondition(result == 0, "getentropy fails only where the kernel has no generator")
            filled += count
        }
    }
}
