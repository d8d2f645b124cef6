// Which addresses a request may reach: the guard against redirects into the own network. It must
// not know names, only addresses.

import Glibc

/// Hosts that may be spoken to, judged by the address that the connection really has.
package enum AddressPolicy: Sendable {
    case any
    /// No loopback, private, link-local, multicast or otherwise special address. Behind a proxy it
    /// is the proxy's address that is judged.
    case publicOnly

    /// Whether a connection to this address, as text, may carry the request.
    func allows(_ address: String) -> Bool {
        switch self {
        case .any: true
        case .publicOnly: AddressPolicy.isPublic(address)
        }
    }

    /// Whether the address belongs to the public internet (IANA special-purpose address
    /// registries, RFC 6890); text that is no address does not.
    static func isPublic(_ address: String) -> Bool {
        var version4 = in_addr()
        if inet_pton(AF_INET, address, &version4) == 1 {
            return isPublic(version4: UInt32(bigEndian: version4.s_addr))
        }
        var version6 = in6_addr()
        // A link-local address may carry its zone, `fe80::1%eth0`: not an address to inet_pton, and
        // not public either.
        guard inet_pton(AF_INET6, address, &version6) == 1 else { return false }
        return isPublic(version6: withUnsafeBytes(of: version6) { Array($0) })
    }

    private static func isPublic(version4 address: UInt32) -> Bool {
        !special4.contains { block in
            address >> (32 - block.bits) == block.prefix >> (32 - block.bits)
        }
    }

    private static func isPublic(version6 bytes: [UInt8]) -> Bool {
        // ::ffff:a.b.c.d is a.b.c.d in other clothes, and so is 64:ff9b::a.b.c.d behind NAT64.
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
        let translated: [UInt8] = [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0]
        if bytes.starts(with: mapped) || bytes.starts(with: translated) {
            return isPublic(version4: bytes[12...].reduce(0) { $0 << 8 | UInt32($1) })
        }
        // Only 2000::/3 is handed out; within it, 2001:db8::/32 is for documentation.
        return bytes[0] >> 5 == 0b001 && !bytes.starts(with: [0x20, 0x01, 0x0d, 0xb8])
    }

    /// The blocks of IPv4 that are not the public internet's.
    private static let special4: [(prefix: UInt32, bits: UInt32)] = [
        (0x0000_0000, 8),  // this network
        (0x0a00_0000, 8),  // private
        (0x6440_0000, 10),  // carrier-grade NAT
        (0x7f00_0000, 8),  // loopback
        (0xa9fe_0000, 16),  // link-local; clouds serve credentials at 169.254.169.254
        (0xac10_0000, 12),  // private
        (0xc000_0000, 24),  // protocol assignments
        (0xc000_0200, 24),  // documentation
        (0xc0a8_0000, 16),  // private
        (0xc612_0000, 15),  // benchmarks
        (0xc633_6400, 24),  // documentation
        (0xcb00_7100, 24),  // documentation
        (0xe000_0000, 3),  // multicast, reserved, broadcast
    ]
}
