// Which hosts of a URL are this very machine, whatever proxy there is.

import Glibc

/// Hosts on loopback.
package enum LoopbackHost {
    /// Whether a host, as it stands in a URL, is this machine: no proxy has a way there. Names
    /// other than `localhost` (RFC 6761 §6.3) are not looked up.
    package static func contains(_ host: some StringProtocol) -> Bool {
        var name = host.lowercased()
        if name.hasPrefix("["), let end = name.firstIndex(of: "]") {
            name = String(name[name.index(after: name.startIndex)..<end])
        }
        if name.hasSuffix(".") { name.removeLast() }
        if ["localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback"].contains(name)
            || name.hasSuffix(".localhost")
        {
            return true
        }
        var version4 = in_addr()
        // As curl and the C library do, also 127.1 and 0x7f000001.
        if inet_aton(name, &version4) == 1 {
            return isLoopback(version4: UInt32(bigEndian: version4.s_addr))
        }
        var version6 = in6_addr()
        guard inet_pton(AF_INET6, String(name.prefix { $0 != "%" }), &version6) == 1 else {
            return false
        }
        let bytes = withUnsafeBytes(of: version6) { Array($0) }
        if bytes[..<15].allSatisfy({ $0 == 0 }) { return bytes[15] <= 1 }
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
        return bytes.starts(with: mapped)
            && isLoopback(version4: bytes[12...].reduce(0) { $0 << 8 | UInt32($1) })
    }

    /// 127.0.0.0/8, and 0.0.0.0, which connects to this machine.
    private static func isLoopback(version4 address: UInt32) -> Bool {
        address >> 24 == 127 || address == 0
    }
}
