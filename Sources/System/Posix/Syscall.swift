// The only reader of errno. It must not know which call it wraps.
//
// errno is copied in the statement after the call: anything between the two, a release of a
// reference included, may change it (SwiftNIO's System.swift tells the same story).

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

/// As ``syscall(_:_:)``, for a non-blocking descriptor: `nil` when the call would have to wait.
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
