// Whom a URL speaks to, and whether a redirect may lead there. It must not know a dataset.

/// Scheme, host and port of a URL (RFC 6454 §4): who gets the key, and who does not.
struct Origin: Hashable {
    /// `http` or `https`, or what else the URL says; lower case.
    let scheme: String
    /// Lower case, an IPv6 address in brackets.
    let host: String
    let port: Int

    /// Reads an absolute URL; `nil` for anything whose host two readers could disagree about:
    /// user names, backslashes, blanks, odd ports.
    init?(_ url: String) {
        guard let colon = url.firstRange(of: "://") else { return nil }
        scheme = url[..<colon.lowerBound].lowercased()
        let rest = url[colon.upperBound...]
        let authority = rest.prefix { !"/?#".contains($0) }
        let allowed = authority.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "-._:[]".utf8.contains(byte)
            }
        }
        guard allowed else { return nil }
        var name = authority
        var number: Int? = scheme == "https" ? 443 : 80
        let afterAddress = authority.lastIndex(of: "]") ?? authority.startIndex
        if let colon = authority[afterAddress...].lastIndex(of: ":") {
            name = authority[..<colon]
            let digits = authority[authority.index(after: colon)...]
            if !digits.isEmpty { number = Int(digits) }
        }
        guard let number, (1...65_535).contains(number), !name.isEmpty else { return nil }
        host = name.lowercased()
        port = number
    }

    /// Whether the host is this machine by a name or address of its own (RFC 6761 §6.3, RFC 1122
    /// §3.2.1.3).
    var isLoopback: Bool {
        host == "localhost" || host == "[::1]"
            || host.hasPrefix("127.") && host.allSatisfy { $0.isNumber || $0 == "." }
    }

    /// Whether both are the same machine, whatever the ports.
    func sharesHost(with other: Origin) -> Bool {
        host == other.host || isLoopback && other.isLoopback
    }
}

/// What a redirect may do.
enum RedirectPolicy: Hashable {
    /// Ask there.
    ///
    /// - withKey: whether it is the configured upstream itself, which may see the key.
    /// - anyAddress: whether it is the upstream's own host, which may have a private address.
    case follow(withKey: Bool, anyAddress: Bool)
    /// The end of a sentence that begins with "Tardis redirects".
    case refuse(String)

    /// Judges the next hop.
    ///
    /// Names are judged by what they resolve to, when the connection is made: `anyAddress` says
    /// whether that matters.
    init(to location: String?, from present: Origin, upstream: Origin) {
        guard let location else {
            self = .refuse("without saying where to.")
            return
        }
        guard let next = Origin(location) else {
            self = .refuse("to an address that makes no sense.")
            return
        }
        guard next.scheme == "https" || next.scheme == "http" else {
            self = .refuse("to \(next.scheme):, which is not allowed.")
            return
        }
        guard present.scheme != "https" || next.scheme == "https" else {
            self = .refuse("from https to plain http (\(next.host)), which is not allowed.")
            return
        }
        self = .follow(
            withKey: next == upstream, anyAddress: next.sharesHost(with: upstream))
    }
}
