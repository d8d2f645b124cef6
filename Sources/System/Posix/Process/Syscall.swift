// System calls that are repeated after a signal, the error of a failed call, and the owner of a
// descriptor.
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
