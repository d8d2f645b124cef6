// One process at a time. It must not know what for.

import Glibc

/// A lock on a file, held as long as the process lives, however it ends (flock(2)): the kernel
/// gives it up with the last descriptor, so that no crash leaves it behind.
package final class ProcessLock: Sendable {
    /// Somebody else holds it.
    package struct Held: Error {
        /// Who, as far as the file tells.
        package let holder: Int32?
    }

    private let descriptor: FileDescriptor

    /// Takes the lock, and writes the process's id into the file for others to read.
    ///
    /// - Parameter path: of the lock's own file, made where it is missing and never removed: a lock
    ///   on a removed file would keep nobody out.
    /// - Throws: ``Held``; ``SystemError`` where the file cannot be opened or locked.
    package init(_ path: String) throws {
        let flags = O_RDWR | O_CREAT | O_CLOEXEC
        let number = try syscall("open") { open(path, flags, 0o640) }
        let descriptor = FileDescriptor(owning: number)
        do throws(SystemError) {
            try syscall("flock") { flock(number, LOCK_EX | LOCK_NB) }
        } catch {
            guard error.code == EWOULDBLOCK else { throw error }
            throw Held(holder: ProcessLock.holder(number))
        }
        let line = Array("\(getpid())\n".utf8)
        _ = ftruncate(number, 0)
        _ = pwrite(number, line, line.count, 0)
        self.descriptor = descriptor
    }

    private static func holder(_ number: Int32) -> Int32? {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = pread(number, &bytes, bytes.count, 0)
        let digits = bytes.prefix(max(0, count)).prefix { (0x30...0x39).contains($0) }
        return Int32(String(decoding: digits, as: UTF8.self))
    }
}
