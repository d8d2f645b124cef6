// System calls that are repeated after a signal, and the error of a call that failed.
//
// errno is copied in the statement after the call: any code between the two, even the release of a
// reference, may change it (as SwiftNIO's System.swift explains).

import Glibc

/// Runs a system call that returns -1 on failure, again when a signal interrupted it.
///
/// - Throws: ``SystemError`` with the call's name.
@inline(__always)
@discardableResult
package func syscall<Result: FixedWidthInteger>(
    _ name: StaticString, _ body: () -> Result
) throws(SystemError) -> Result {
    while true {
        let result = body()
        if result != -1 { return result }
        let code = errno
        if code == EINTR { continue }
        throw SystemError(call: "\(name)", code: code)
    }
}

/// As ``syscall(_:_:)``, for a non-blocking descriptor: `nil` if the call would block.
///
/// - Throws: ``SystemError`` with the call's name, never for EAGAIN.
@discardableResult
@inline(__always)
func syscallUnlessBlocked<Result: FixedWidthInteger>(
    _ name: StaticString, _ body: () -> Result
) throws(SystemError) -> Result? {
    while true {
        let result = body()
        if result != -1 { return result }
        let code = errno
        if code == EINTR { continue }
        if code == EAGAIN || code == EWOULDBLOCK { return nil }
        throw SystemError(call: "\(name)", code: code)
    }
}

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

    /// The call, the system's words and the number: `openat: No such file or directory (2)`.
    package var description: String {
        "\(call): \(reason) (\(code))"
    }

    /// The system's words for the code: `No space left on device`.
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
