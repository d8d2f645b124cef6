// A bell that one thread rings and another one hears in epoll: eventfd(2). It must not know why it
// is rung.

import CLinux
import Glibc

/// Wakes a thread that waits in ``Epoll``. Ringing is safe from any thread.
package struct WakeUp: ~Copyable, Sendable {
    private let descriptor: FileDescriptor

    /// - Throws: ``SystemError`` when the process or the machine is out of descriptors.
    package init() throws(SystemError) {
        descriptor = FileDescriptor(
            owning: try syscall("eventfd") { eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK)) })
    }

    /// What to add to an ``Epoll``.
    package var number: Int32 { descriptor.number }

    /// Makes the descriptor readable. Ringing twice before it is heard is ringing once.
    package func ring() {
        var one: UInt64 = 1
        // Fails only when the counter is full, and then the bell is ringing already.
        _ = Glibc.write(descriptor.number, &one, MemoryLayout<UInt64>.size)
    }

    /// Silences the bell.
    package func hear() {
        var count: UInt64 = 0
        _ = Glibc.read(descriptor.number, &count, MemoryLayout<UInt64>.size)
    }
}
