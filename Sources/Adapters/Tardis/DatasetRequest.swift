// The requests for one dataset file: the first one and those that redirects lead to. Pure; whoever
// sends them is somebody else.

import Curl
import Jobs

/// Where to ask next for a file, and what may be told there.
struct DatasetRequest {
    let url: String
    /// Whether the key may be shown: only to the configured upstream itself.
    let isFromUpstream: Bool
    /// Whom it speaks to.
    let origin: Origin
    private let upstream: Origin
    private let anyAddress: Bool
    private let hops: Int
    /// The special block that the upstream's own address lies in, where it has one: its storage may
    /// be there as well.
    private let upstreamNetwork: AddressNetwork?

    /// The first request; `nil` where the configured URL makes no sense.
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
    /// - Parameter address: of the host that redirects, where it is known.
    /// - Throws: why it is not made.
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
                // The verdict has read it, by the same rules.
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

    /// What to send.
    ///
    /// The body is stored as it comes: `Accept-Encoding` is what the official client says, and
    /// nothing is decoded.
    ///
    /// - Parameters:
    ///   - kept: the beginning of the file, where only the rest is asked for.
    ///   - isExpedited: see ``DownloadContext/isExpedited``; where a redirect leads is asked before whatever
    ///     has not begun.
    func transfer(
        settings: TardisSettings, usesNewConnection: Bool = false, kept: ResumableTransfer? = nil,
        isExpedited: Bool = false
    ) -> TransferRequest {
        var headers = [(name: "Accept-Encoding", value: "gzip")]
        if isFromUpstream, let key = settings.apiKey, !key.isEmpty {
            headers.append((name: "Authorization", value: "Bearer \(key)"))
        }
        headers += kept?.requestHeaders ?? []
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
