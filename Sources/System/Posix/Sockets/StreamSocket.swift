// One TCP connection, non-blocking.

internal import CLinux
import Glibc

/// A connected TCP socket. Sending bytes never raises SIGPIPE; see ``sendFile(_:_:)``.
package struct StreamSocket: ~Copyable {
    private let descriptor: FileDescriptor

    /// Takes over a connected, non-blocking socket.
    package init(_ descriptor: consuming FileDescriptor) {
        self.descriptor = descriptor
    }

    /// The descriptor to add to an ``Epoll``.
    package var number: Int32 { descriptor.number }

    /// Reads the arrived bytes.
    ///
    /// - Returns: the number of bytes, 0 if the peer has finished, `nil` if none have arrived.
    /// - Throws: ``SystemError`` if the connection is broken.
    package func receive(
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemError) -> Int? {
        let number = descriptor.number
        return try syscallUnlessBlocked("recv") {
            recv(number, buffer.baseAddress, buffer.count, 0)
        }
    }

    /// Sends as many bytes as the kernel takes.
    ///
    /// - Parameter moreFollows: the kernel may wait for the next call to fill a packet (MSG_MORE).
    /// - Returns: the number of bytes taken, `nil` if none can be taken now.
    /// - Throws: ``SystemError`` if the connection is broken.
    package func send(
        _ bytes: RawSpan, moreFollows: Bool = false
    ) throws(SystemError) -> Int? {
        let number = descriptor.number
        let flags = Int32(MSG_NOSIGNAL) | (moreFollows ? Int32(MSG_MORE) : 0)
        return try bytes.withUnsafeBytes { (bytes) throws(SystemError) -> Int? in
            try syscallUnlessBlocked("send") {
                Glibc.send(number, bytes.baseAddress, bytes.count, flags)
            }
        }
    }

    /// Sends bytes of a file without copying them through the program (sendfile(2)). Waits for the
    /// disk if they are not in memory, and may raise SIGPIPE: see ``FilePages`` and
    /// ``BrokenPipeSignal``.
    ///
    /// - Parameters:
    ///   - file: the number of a descriptor open for reading.
    ///   - range: of the file, in bytes; not empty.
    /// - Returns: the number of bytes taken, `nil` if none can be taken now.
    /// - Throws: ``SystemError`` if the connection or the disk fails; ENODATA if the file ends
    ///   before the range.
    package func sendFile(_ file: Int32, _ range: Range<Int>) throws(SystemError) -> Int? {
        precondition(!range.isEmpty, "an empty range would look like the end of the file")
        let number = descriptor.number
        var position = off_t(range.lowerBound)
        let sent = try syscallUnlessBlocked("sendfile") {
            sendfile(number, file, &position, range.count)
        }
        if sent == 0 { throw SystemError(call: "sendfile", code: ENODATA) }
        return sent
    }

    /// Sends as many bytes of two pieces as the kernel takes, in one call.
    ///
    /// - Returns: the number of bytes taken, `nil` if none can be taken now.
    /// - Throws: ``SystemError`` if the connection is broken.
    package func send(_ first: RawSpan, _ second: RawSpan) throws(SystemError) -> Int? {
        let number = descriptor.number
        return try first.withUnsafeBytes { (first) throws(SystemError) -> Int? in
            try second.withUnsafeBytes { (second) throws(SystemError) -> Int? in
                var pieces = (StreamSocket.piece(first), StreamSocket.piece(second))
                return try syscallUnlessBlocked("sendmsg") {
                    StreamSocket.send(on: number, &pieces)
                }
            }
        }
    }

    /// Ends the sending direction: the peer reads an end of file after the sent bytes.
    package func finishSending() {
        // Fails only if the connection is closed already.
        _ = shutdown(descriptor.number, Int32(SHUT_WR))
    }

    /// Makes closing send a RST instead of a FIN and drop unsent bytes (SO_LINGER with a time of
    /// zero, socket(7)).
    package func resetOnClose() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        _ = setsockopt(
            descriptor.number, SOL_SOCKET, SO_LINGER, &linger,
            socklen_t(MemoryLayout<Glibc.linger>.size))
    }

    private static func send(on number: Int32, _ pieces: inout (iovec, iovec)) -> Int {
        withUnsafeMutableBytes(of: &pieces) { bytes in
            let vectors = bytes.assumingMemoryBound(to: iovec.self)
            var message = msghdr()
            message.msg_iov = vectors.baseAddress
            message.msg_iovlen = vectors.count
            return sendmsg(number, &message, Int32(MSG_NOSIGNAL))
        }
    }

    private static func piece(_ bytes: UnsafeRawBufferPointer) -> iovec {
        iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
    }
}
