// Which descriptors are ready: epoll(7) with the types Swift can use, and eventfd(2) to wake a
// thread that waits there.

import CLinux
import Glibc

/// A set of watched descriptors. Level-triggered, so that what is left unread is told again, but
/// for what is added as ``Interest/arrivals``.
package struct Epoll: ~Copyable {
    private let descriptor: FileDescriptor

    /// - Throws: ``SystemError`` when the process or the machine is out of descriptors.
    package init() throws(SystemError) {
        descriptor = FileDescriptor(
            owning: try syscall("epoll_create1") { epoll_create1(Int32(EPOLL_CLOEXEC)) })
    }

    /// What to be told about a descriptor. Errors and hang-ups are always told.
    package struct Interest: OptionSet, Sendable {
        package let rawValue: UInt32

        package init(rawValue: UInt32) {
            self.rawValue = rawValue
        }

        package static let readable = Interest(rawValue: EPOLLIN.rawValue)
        package static let writable = Interest(rawValue: EPOLLOUT.rawValue)
        /// Readable, edge-triggered: what has arrived is told once, and again only after
        /// ``Epoll/modify(_:interest:token:)``. It saves the kernel a second look at each
        /// descriptor that it has just told of.
        package static let arrivals = Interest(
            rawValue: EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue)
    }

    /// What happened on one descriptor.
    package struct Event: Sendable {
        /// The token it was added with.
        package let token: UInt64
        package let isReadable: Bool
        package let isWritable: Bool
        /// Nothing more will arrive behind what can be read; told to ``Interest/arrivals`` only.
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

    /// Changes what is told about a watched descriptor.
    package func modify(
        _ number: Int32, interest: Interest, token: UInt64
    ) throws(SystemError) {
        try control(EPOLL_CTL_MOD, number, interest, token)
    }

    /// Waits for events.
    ///
    /// - Parameters:
    ///   - milliseconds: how long at most; -1 is for ever, 0 is not at all.
    ///   - buffer: where the events are put; its size bounds how many are told at once.
    /// - Returns: how many events there are in the buffer; 0 also when a signal interrupted the
    ///   wait.
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

    /// Room for the events of one wait.
    package struct EventBuffer: ~Copyable {
        fileprivate let events: UnsafeMutableBufferPointer<epoll_event>

        /// - Parameter capacity: how many events one wait can tell at most.
        package init(capacity: Int) {
            precondition(capacity > 0, "a wait needs room for an event")
            events = .allocate(capacity: capacity)
            events.initialize(repeating: epoll_event())
        }

        /// One of the events that the last wait has told.
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

    /// What to add to an ``Epoll``.
    package var number: Int32 { descriptor.number }

    /// Makes the descriptor readable. Two signals before it is cleared are one.
    package func signal() {
        var one: UInt64 = 1
        // Fails only when the counter is full, and then it is readable already.
        _ = Glibc.write(descriptor.number, &one, MemoryLayout<UInt64>.size)
    }

    /// Makes the descriptor unreadable again.
    package func clear() {
        var count: UInt64 = 0
        _ = Glibc.read(descriptor.number, &count, MemoryLayout<UInt64>.size)
    }
}
