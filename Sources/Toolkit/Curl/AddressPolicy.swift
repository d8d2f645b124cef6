// Which addresses a request may reach: the guard against redirects into the own network.

/// Hosts that may be spoken to, judged by the address that the connection really has. A connection
/// to a proxy is not judged: the proxy resolves the name and connects.
package enum AddressPolicy: Sendable {
    case any
    /// No loopback, private, link-local, multicast or otherwise special address but those in the
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

    /// Whether the host of a URL may be asked for at all, also by way of a proxy: a name may, and
    /// is judged by its address, unless it stands for this machine (RFC 6761 §6.3).
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
