// Which host names the service answers to. A page of a hostile site can point its own name at this
// machine (DNS rebinding); the browser then takes the service for that site and lets the page read
// every response.

import HTTP
import Logging
import Synchronization

/// Checks the host that requests are for (RFC 9110 §7.2, §7.4).
///
/// Addresses, names that cannot be registered, and the names in the settings are the service's own.
/// A request for any other name is refused where no token is required. Where one is, a hostile page
/// has none to send: the request is served, and the first such name is logged.
struct HostCheck: Sendable {
    /// Endings that no public name has (RFC 6761, 6762, 8375, and ICANN's reservation of
    /// `internal`).
    private static let privateEndings = [".localhost", ".local", ".internal", ".home.arpa"]
    private static let hostName = FieldName("Host")

    private let names: Set<String>
    private let refusesOthers: Bool
    private let logger: Logger
    private let warned = Warned()

    private final class Warned: Sendable {
        let isDone = Atomic(false)
    }

    /// - Parameters:
    ///   - names: of the service, in any case, without ports.
    ///   - refusesOthers: whether no token protects it.
    init(names: [String], refusesOthers: Bool, logger: Logger) {
        self.names = Set(names.map { $0.lowercased() })
        self.refusesOthers = refusesOthers
        self.logger = logger
    }

    /// - Throws: ``APIError/unknownHost(_:)``.
    func check(_ request: Request) throws(APIError) {
        // HTTP/1.0 has no such field, and no browser.
        guard let host = request.value(of: HostCheck.hostName), !HostCheck.isAddress(host) else {
            return
        }
        let name = HostCheck.name(in: host)
        guard !isKnown(name) else { return }
        if refusesOthers { throw .unknownHost(name) }
        guard !warned.isDone.exchange(true, ordering: .relaxed) else { return }
        logger.warning(
            """
            a request came for a host name that is not in ALLOWED_HOSTS; it is served, as an API \
            token protects the service. Add the name if it is yours
            """, metadata: ["host": "\(name.prefix(100))", "request": "\(request.id)"])
    }

    private func isKnown(_ name: String) -> Bool {
        !name.contains(".") || names.contains(name)
            || HostCheck.privateEndings.contains(where: name.hasSuffix)
    }

    /// Whether a host, with or without a port, is an address: no name has a colon, and the last
    /// part of none is a number (RFC 1123 §2.1).
    private static func isAddress(_ host: String) -> Bool {
        var host = host
        return host.withUTF8 { bytes in
            if bytes.first == UInt8(ascii: "[") { return true }
            for byte in bytes {
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: ":"):
                    continue
                default: return false
                }
            }
            return true
        }
    }

    /// The name of a host with or without a port, in lower case, without the dot of the root.
    private static func name(in host: String) -> String {
        let name = host.prefix { $0 != ":" }.lowercased()
        return name.hasSuffix(".") ? String(name.dropLast()) : name
    }
}
