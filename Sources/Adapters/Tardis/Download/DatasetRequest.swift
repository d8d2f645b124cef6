// The requests for one dataset file: its URL as the official client builds it (docs.tardis.dev, CSV
// datasets), redirects, and which hosts they may lead to.

import Bytes
import Curl
import Datasets
import Jobs

/// The next request for a file, and what it may send there.
struct DatasetRequest {
    let url: String
    /// Whether it goes to the configured upstream, the only host that gets the key.
    let isFromUpstream: Bool
    let origin: Origin
    private let upstream: Origin
    private let anyAddress: Bool
    private let hops: Int
    /// The special network that the upstream's own address is in, if any: its storage may be there
    /// too.
    private let upstreamNetwork: AddressNetwork?

    /// The first request; `nil` if the configured URL makes no sense.
    init?(url: String) {
        guard let origin = Origin(url) else { return nil }
        self.init(
            url: url, isFromUpstream: true, origin: origin, upstream: origin, anyAddress: true,
            hops: 0, upstreamNetwork: nil)
    }

    private init(
        url: String, isFromUpstream: Bool, origin: Origin, upstream: Origin, anyAddress: Bool,
        hops: Int, upstreamNetwork: AddressNetwork?
    ) {
        self.url = url
        self.isFromUpstream = isFromUpstream
        self.origin = origin
        self.upstream = upstream
        self.anyAddress = anyAddress
        self.hops = hops
        self.upstreamNetwork = upstreamNetwork
    }

    /// The request that a redirect asks for.
    ///
    /// - Parameter address: the redirecting host's, if known.
    /// - Throws: why it is refused.
    func redirected(
        to location: String?, status: Int, from address: String?, redirectsMax: Int
    ) throws(FileFailure) -> DatasetRequest {
        guard hops < redirectsMax else {
            throw FileFailure(
                code: "redirect_loop",
                detail: "Tardis redirects more than \(redirectsMax) times.", httpStatus: status)
        }
        switch RedirectPolicy(to: location, from: origin, upstream: upstream) {
        case .refuse(let words):
            throw FileFailure(
                code: "redirect_refused", detail: "Tardis redirects \(words)", httpStatus: status)
        case .follow(let withKey, let anyAddress):
            guard let location, let next = Origin(location) else {
                // RedirectPolicy has read it by the same rules.
                throw FileFailure(
                    code: "redirect_refused", detail: "Tardis redirects to what is no URL.",
                    httpStatus: status)
            }
            return DatasetRequest(
                url: location, isFromUpstream: withKey, origin: next, upstream: upstream,
                anyAddress: anyAddress, hops: hops + 1,
                upstreamNetwork: isFromUpstream
                    ? address.flatMap(AddressNetwork.special) ?? upstreamNetwork
                    : upstreamNetwork)
        }
    }

    /// The transfer to perform.
    ///
    /// The body is stored as it arrives: `Accept-Encoding` is what the official client sends, and
    /// nothing is decoded.
    ///
    /// - Parameters:
    ///   - resumed: the beginning of the file, if only the rest is requested.
    ///   - isExpedited: see ``DownloadContext/isExpedited``. A redirect's target is requested
    ///     before files that have not begun.
    func transfer(
        settings: TardisSettings, usesNewConnection: Bool = false,
        resuming resumed: ResumableTransfer? = nil, isExpedited: Bool = false
    ) -> TransferRequest {
        var headers = [(name: "Accept-Encoding", value: "gzip")]
        if isFromUpstream, let key = settings.apiKey, !key.isEmpty {
            headers.append((name: "Authorization", value: "Bearer \(key)"))
        }
        headers += resumed?.requestHeaders ?? []
        var request = TransferRequest(
            url: url, headers: headers, connectTimeout: settings.connectTimeout,
            stallTimeout: settings.stallTimeout,
            stallBytesPerSecond: settings.stallBytesPerSecond,
            refusalTimeout: min(settings.refusalTimeout, settings.stallTimeout),
            addresses: anyAddress
                ? .any
                : .publicOnly(
                    allowing: settings.allowedNetworks + (upstreamNetwork.map { [$0] } ?? [])),
            usesNewConnection: usesNewConnection, isPaced: true)
        request.isExpedited = isExpedited || hops > 0
        return request
    }
}

/// The URL of one dataset file.
struct DatasetURL: Hashable, CustomStringConvertible {
    let description: String

    /// - Parameters:
    ///   - base: the URL of all datasets.
    ///   - attempt: from the second on, a query keeps caches from repeating a broken response.
    init(_ file: DatasetFile, base: String, attempt: Int) {
        let date = file.day.description.replacing("-", with: "/")
        let folders = [file.exchange, file.dataType.name].map(PercentEncoding.encode)
        let query = attempt > 1 ? "?retryAttempt=\(attempt - 1)" : ""
        description =
            trimmingSlashes(base) + "/" + folders.joined(separator: "/")
            + "/\(date)/\(PercentEncoding.encode(file.symbol)).csv.gz\(query)"
    }
}

/// A base URL without the slashes at its end.
func trimmingSlashes(_ url: String) -> String {
    var url = url[...]
    while url.last == "/" { url.removeLast() }
    return String(url)
}

/// Scheme, host and port of a URL (RFC 6454 §4).
struct Origin: Hashable {
    /// Lower case, such as `https`.
    let scheme: String
    /// Lower case, an IPv6 address in brackets.
    let host: String
    let port: Int

    /// Reads an absolute URL; `nil` for one whose host two parsers could read differently: user
    /// names, backslashes, blanks, invalid ports.
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

    /// Whether the host is a loopback name or address (RFC 6761 §6.3, RFC 1122
    /// §3.2.1.3).
    var isLoopback: Bool {
        host == "localhost" || host == "[::1]"
            || host.hasPrefix("127.") && host.allSatisfy { $0.isNumber || $0 == "." }
    }

    /// Whether both are the same machine, on any ports.
    func sharesHost(with other: Origin) -> Bool {
        host == other.host || isLoopback && other.isLoopback
    }
}

/// Whether a redirect may be followed.
enum RedirectPolicy: Hashable {
    /// - withKey: whether it leads to the configured upstream, which may see the key.
    /// - anyAddress: whether it leads to the upstream's own host, which may have a private address.
    case follow(withKey: Bool, anyAddress: Bool)
    /// The end of a sentence that begins with "Tardis redirects".
    case refuse(String)

    /// Judges the next hop. Unless `anyAddress` is set, its resolved address is checked when the
    /// connection is made.
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
