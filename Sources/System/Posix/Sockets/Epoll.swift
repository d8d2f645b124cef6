// Readiness of descriptors: epoll(7) with Swift types, and eventfd(2) to wake a thread that waits
// in it.

import CLinux
import Glibc

/// A set of watched descriptors. Level-triggered, so that unread bytes are reported again, except
/// for ``Interest/arrivals``.
package struct Epoll: ~Copyable {
    private let descriptor: FileDescriptor

    /// - Throws: ``SystemError`` if the process or the machine is out of descriptors.
    package init() throws(SystemError) {
        descriptor = FileDescriptor(
            owning: try syscall("epoll_create1") { epoll_create1(Int32(EPOLL_CLOEXEC)) })
    }

    /// The events to report of a descriptor. Errors and hang-ups are always reported.
    package struct Interest: OptionSet, Sendable {
        package let rawValue: UInt32

        package init(rawValue: UInt32) {
            self.rawValue = rawValue
        }

        package static let readable = Interest(rawValue: EPOLLIN.rawValue)
        package static let writable = Interest(rawValue: EPOLLOUT.rawValue)
        /// Readable, edge-triggered: arrived bytes are reported once, and again only after
        /// ``Epoll/modify(_:interest:token:)``. Saves the kernel a second check of each reported
        /// descriptor.
        package static let arrivals = Interest(
            rawValue: EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue)
    }

    /// The events of one descriptor.
    package struct Event: Sendable {
        /// The token of ``Epoll/add(_:interest:token:)``.
        package let token: UInt64
        package let isReadable: Bool
        package let isWritable: Bool
        /// No bytes will follow the readable ones; reported to ``Interest/arrivals`` only.
        package let isLastArrival: Bool
        /// The connection is gone in both directions, or failed.
        package let isBroken: Bool

        fileprivate init(_ event: epoll_event) {
            token = event.data.u64
            isReadable = event.events & EPOLLIN.rawValue != 0
            isWritable = event.events & EPOLLOUT.rawValue != 0
            isLastArrival = event.events & EPOLLRDHUP.rawValue != 0
            isBroken = event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
        }
    }

    /// Watches a descriptor; its events carry the token. Closing the descriptor ends it.
    package func add(
        _ number: Int32, interest: Interest, token: UInt64
    ) throws(SystemError) {
        try control(EPOLL_CTL_ADD, number, interest, token)
    }

    /// Changes the reported events of a watched descriptor.
    package func modify(
        _ number: Int32, interest: Interest, token: UInt64
    ) throws(SystemError) {
        try control(EPOLL_CTL_MOD, number, interest, token)
    }

    /// Waits for events.
    ///
    /// - Parameters:
    ///   - milliseconds: the time-out; -1 waits without limit, 0 does not wait.
    ///   - buffer: receives the events; its capacity bounds their number.
    /// - Returns: the number of events in the buffer; 0 also after a signal.
    package func wait(
        milliseconds: Int32, into buffer: borrowing EventBuffer
    ) throws(SystemError) -> Int {
        let events = buffer.events
        let count = epoll_wait(
            descriptor.number, events.baseAddress, Int32(events.count), milliseconds)
        if count == -1 {
            let code = errno
            if code == EINTR { return 0 }
            throw SystemError(call: "epoll_wait", code: code)
        }
        return Int(count)
    }

    /// The events of one wait.
    package struct EventBuffer: ~Copyable {
        fileprivate let events: UnsafeMutableBufferPointer<epoll_event>

        /// - Parameter capacity: the most events of one wait.
        package init(capacity: Int) {
            precondition(capacity > 0, "a wait needs space for one event")
            events = .allocate(capacity: capacity)
            events.initialize(repeating: epoll_event())
        }

        /// One of the events of the last wait.
        package subscript(index: Int) -> Event { Event(events[index]) }

        deinit {
            events.deallocate()
        }
    }

    private func control(
        _ operation: Int32, _ number: Int32, _ interest: Interest, _ token: UInt64
    ) throws(SystemError) {
        var event = epoll_event()
        event.events = interest.rawValue
        event.data.u64 = token
        let epoll = descriptor.number
        _ = try syscall("epoll_ctl") { epoll_ctl(epoll, operation, number, &event) }
    }
}

/// Wakes a thread that waits in ``Epoll``. Signalling is safe from any thread.
package struct WakeUp: ~Copyable, Sendable {
    private let descriptor: FileDescriptor

    /// - Throws: ``SystemError`` when the process or the machine is out of descriptors.
    package init() throws(SystemError) {
        descriptor = FileDescriptor(
            owning: try syscall("eventfd") { eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK)) })
    }

    /// The descriptor to add to an ``Epoll``.
    package var number: Int32 { descriptor.number }

    /// Makes the descriptor readable. Two signals before a ``clear()`` count as one.
    package func signal() {
        var one: UInt64 = 1
        // Fails only if the counter is full, and then the descriptor is readable.
        _ = Glibc.write(descriptor.number, &one, MemoryLayout<UInt64>.size)
    }

    /// Makes the descriptor unreadable again.
    package func clear() {
        var count: UInt64 = 0
        _ = Glibc.read(descriptor.number, &count, MemoryLayout<UInt64>.size)
    }
}
