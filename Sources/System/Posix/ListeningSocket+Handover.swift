// How a listening socket that shares its port leaves it to another process without resetting
// anybody. It must not know when to leave.
//
// Closing a listening socket resets whoever waits in its queue or is in the middle of the handshake
// with it, also when others listen on the same port: the kernel has chosen by then. So the socket
// first takes no new ones, then accepts what it has, and only then closes.

import CLinux
import Glibc

extension ListeningSocket {
    /// Has the kernel spread new connections of the port over some of its sockets only. Where one
    /// of them does not exist, it chooses among all as before. Ends with ``endSteering()``.
    ///
    /// - Parameter range: which sockets, counted in the order in which all sockets of all processes
    ///   began to listen on the port.
    /// - Throws: ``SystemError`` where the kernel cannot (SO_ATTACH_REUSEPORT_CBPF, socket(7)).
    package func steer(to range: Range<Int>) throws(SystemError) {
        precondition(!range.isEmpty, "connections go somewhere")
        try attach(
            SO_ATTACH_REUSEPORT_CBPF,
            [
                Filter.loadRandom,
                Filter.divideKeepingRest(by: UInt32(clamping: range.count)),
                Filter.add(UInt32(clamping: range.lowerBound)),
                Filter.answerLoaded,
            ])
    }

    /// Has the kernel spread new connections over all sockets of the port again.
    package func endSteering() {
        // Fails only when nothing was attached.
        try? setOption(SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, 0, on: number)
    }

    /// Drops the first packet of every new connection, as if it had been lost: the client sends it
    /// again after a second, and then it meets another socket of the port or is refused. Handshakes
    /// that are under way go on, and can still be accepted.
    ///
    /// - Throws: ``SystemError`` where the kernel cannot (SO_ATTACH_FILTER, socket(7)).
    package func ignoreNewcomers() throws(SystemError) {
        try attach(
            SO_ATTACH_FILTER,
            [
                Filter.loadByte(at: Filter.flagsOffset),
                Filter.skipNextUnless(anyOf: Filter.synchronize),
                Filter.answer(Filter.drop),
                Filter.answer(Filter.keep),
            ])
    }

    private func attach(_ option: Int32, _ instructions: [sock_filter]) throws(SystemError) {
        var instructions = instructions
        let number = number
        _ = try syscall("setsockopt") {
            instructions.withUnsafeMutableBufferPointer { buffer in
                var program = sock_fprog(
                    len: UInt16(buffer.count), filter: buffer.baseAddress)
                return setsockopt(
                    number, SOL_SOCKET, option, &program,
                    socklen_t(MemoryLayout<sock_fprog>.size))
            }
        }
    }
}

/// The few instructions of the kernel's packet filter that are needed (linux/filter.h).
private enum Filter {
    /// Where a TCP header has its flags, and the flag of a connection's first packet (RFC 9293
    /// §3.1).
    static let flagsOffset: UInt32 = 13
    static let synchronize: UInt32 = 0x02
    /// How many bytes of the packet are kept.
    static let drop: UInt32 = 0
    static let keep = UInt32.max

    static func loadByte(at offset: UInt32) -> sock_filter {
        instruction(BPF_LD | BPF_B | BPF_ABS, offset)
    }

    static func skipNextUnless(anyOf bits: UInt32) -> sock_filter {
        var test = instruction(BPF_JMP | BPF_JSET | BPF_K, bits)
        test.jf = 1
        return test
    }

    static func answer(_ value: UInt32) -> sock_filter {
        instruction(BPF_RET | BPF_K, value)
    }

    static var answerLoaded: sock_filter { instruction(BPF_RET | BPF_A, 0) }

    /// A random number: the kernel's extensions are read as if they lay in the packet, far away.
    static var loadRandom: sock_filter {
        instruction(
            BPF_LD | BPF_W | BPF_ABS, UInt32(bitPattern: SKF_AD_OFF + SKF_AD_RANDOM))
    }

    static func divideKeepingRest(by divisor: UInt32) -> sock_filter {
        instruction(BPF_ALU | BPF_MOD | BPF_K, divisor)
    }

    static func add(_ value: UInt32) -> sock_filter {
        instruction(BPF_ALU | BPF_ADD | BPF_K, value)
    }

    private static func instruction(_ code: Int32, _ value: UInt32) -> sock_filter {
        sock_filter(code: UInt16(code), jt: 0, jf: 0, k: value)
    }
}
