// Which addresses a request may reach: the guard against redirects into the local network.

import Glibc

/// Hosts that a request may reach, checked against the address of the established connection. A
/// connection to a proxy is not checked: the proxy resolves the name and connects.
package enum AddressPolicy: Sendable {
    case any
    /// No loopback, private, link-local, multicast or other special address, except those in the
    /// networks.
    case publicOnly(allowing: [AddressNetwork] = [])

    /// Whether a connection to this address, as text, may carry the request.
    package func allows(_ address: String) -> Bool {
        switch self {
        case .any: true
        case .publicOnly(let networks):
            AddressNetwork.isPublic(address) || networks.contains { $0.contains(address) }
        }
    }

    /// Whether the host of a URL may be requested, also through a proxy: any name may, and its
    /// address is checked later, unless it stands for this machine (RFC 6761 §6.3).
    func allows(host: String) -> Bool {
        let name = host.lowercased().trimmingSuffix(while: { $0 == "." })
        if name == "localhost" || name.hasSuffix(".localhost") { return allows("127.0.0.1") }
        let literal = String(name.filter { $0 != "[" && $0 != "]" })
        return AddressNetwork(literal) == nil || allows(literal)
    }
}

extension StringProtocol {
    fileprivate func trimmingSuffix(while isTrimmed: (Character) -> Bool) -> String {
        var rest = self[...]
        while let last = rest.last, isTrimmed(last) { rest.removeLast() }
        return String(rest)
    }
}

/// A network in the notation of RFC 4632 and RFC 4291 §2.3; a single address is a network of one.
///
/// IPv4 is kept as its IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2), so that `10.0.0.1` and
/// `::ffff:10.0.0.1` are one address.
package struct AddressNetwork: Hashable, Sendable {
    private let prefix: UInt128
    /// 0 to 128, counted in the 128 bits of `prefix`.
    private let bits: Int
    /// As it was written.
    package let text: String

    private static let mapped: UInt128 = 0xffff << 32

    /// `nil` where the text is neither an address nor an address, a slash and a number of bits.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let first = parts.first,
            let address = AddressNetwork.value(of: String(first))
        else { return nil }
        let isVersion4 = !first.contains(":")
        var bits = 128
        if parts.count == 2 {
            let digits = parts[1]
            guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits),
                number <= (isVersion4 ? 32 : 128)
            else { return nil }
            bits = isVersion4 ? number + 96 : number
        }
        self.bits = bits
        prefix = AddressNetwork.masked(address, bits)
        self.text = text
    }

    /// Whether the address, as text, lies in the network; text that is no address does not.
    package func contains(_ address: String) -> Bool {
        guard let value = AddressNetwork.value(of: address) else { return false }
        return AddressNetwork.masked(value, bits) == prefix
    }

    /// Whether the address belongs to the public internet (IANA special-purpose address
    /// registries, RFC 6890); text that is no address does not.
    static func isPublic(_ address: String) -> Bool {
        value(of: address) != nil && special(with: address) == nil
            && (globalUnicast.contains(address) || isVersion4(address))
    }

    /// The block of the special-purpose registries that the address lies in.
    package static func special(with address: String) -> AddressNetwork? {
        specials.first { $0.contains(address) }
    }

    /// The 128 bits of an address. One behind NAT64 (RFC 6052 §2.1) is the IPv4 address that it
    /// leads to.
    private static func value(of text: String) -> UInt128? {
        var version4 = in_addr()
        if inet_pton(AF_INET, text, &version4) == 1 {
            return mapped | UInt128(UInt32(bigEndian: version4.s_addr))
        }
        var version6 = in6_addr()
        // A zone, as in fe80::1%eth0, is no part of the address.
        guard inet_pton(AF_INET6, String(text.prefix { $0 != "%" }), &version6) == 1 else {
            return nil
        }
        let value = withUnsafeBytes(of: version6) { bytes in
            bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        }
        let translated: UInt128 = 0x0064_ff9b << 96
        return masked(value, 96) == translated ? mapped | (value & 0xffff_ffff) : value
    }

    private static func isVersion4(_ text: String) -> Bool {
        value(of: text).map { masked($0, 96) == mapped } ?? false
    }

    private static func masked(_ value: UInt128, _ bits: Int) -> UInt128 {
        bits == 0 ? 0 : value & (.max << (128 - bits))
    }

    /// The only block of IPv6 that is handed out (RFC 4291 §2.4).
    private static let globalUnicast = known(["2000::/3"])[0]

    private static let specials = known([
        "0.0.0.0/8",  // this network
        "10.0.0.0/8",  // private
        "100.64.0.0/10",  // carrier-grade NAT
        "127.0.0.0/8",  // loopback
        "169.254.0.0/16",  // link-local; clouds serve credentials at 169.254.169.254
        "172.16.0.0/12",  // private
        "192.0.0.0/24",  // protocol assignments
        "192.0.2.0/24",  // documentation
        "192.88.99.0/24",  // relays of 6to4
        "192.168.0.0/16",  // private
        "198.18.0.0/15",  // benchmarks, and the made-up addresses of some proxies
        "198.51.100.0/24",  // documentation
        "203.0.113.0/24",  // documentation
        "224.0.0.0/3",  // multicast, reserved, broadcast
        "::/128",  // unspecified
        "::1/128",  // loopback
        "fc00::/7",  // unique local
        "fe80::/10",  // link-local
        "ff00::/8",  // multicast
        "2001::/23",  // protocol assignments, Teredo among them
        "2001:db8::/32",  // documentation
        "2002::/16",  // 6to4, which holds any IPv4 address
        "3fff::/20",  // documentation
    ])

    private static func known(_ texts: [String]) -> [AddressNetwork] {
        texts.compactMap { AddressNetwork($0) }
    }
}

/// Hosts on loopback.
package enum LoopbackHost {
    /// Whether a host, as written in a URL, is this machine, which no proxy can reach. Names other
    /// than `localhost` (RFC 6761 §6.3) are not resolved.
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
