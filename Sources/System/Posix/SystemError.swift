// What a failed system call leaves behind: the call's name and errno. It must not know what the
// call was for.

import Glibc

/// A system call that failed.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The call as the manual names it, such as `openat`.
    package let call: String
    /// The value of errno right after the call.
    package let code: Int32

    package init(call: String, code: Int32) {
        self.call = call
        self.code = code
    }

    /// The call, the system's own words and the number: `openat: No such file or directory (2)`.
    package var description: String {
        "\(call): \(reason) (\(code))"
    }

    /// The system's own words for the code: `No space left on device`.
    package var reason: String {
        var buffer = [CChar](repeating: 0, count: 256)
        return buffer.withUnsafeMutableBufferPointer { bytes in
            guard strerror_r(code, bytes.baseAddress!, bytes.count) == 0 else {
                return "Unknown error"
            }
            return String(cString: bytes.baseAddress!)
        }
    }
}
