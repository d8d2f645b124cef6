// Settings of a client, which apply to all of its transfers.

/// Settings of a ``CurlClient``.
package struct CurlSettings: Sendable {
    /// Connections open at once; further transfers wait. 64 is far above the transfers that a
    /// service runs at once, and far below the 1024 descriptors that it may open.
    package var connectionsMax: Int
    /// Connections open at once to one host.
    package var connectionsPerHostMax: Int
    /// Sent as `User-Agent` by requests that name none of their own.
    package var userAgent: String
    /// Whether `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` apply, as curl reads them;
    /// they never apply to hosts on loopback.
    package var usesEnvironmentProxy: Bool
    /// Certificates trusted besides the system's.
    package var trust: CertificateTrust
    /// The rates of all paced transfers together; called on the transfer thread before each round,
    /// so that a change takes effect within a second. Must not block.
    package var rates: @Sendable () -> TransferRates

    package init(
        connectionsMax: Int = 64, connectionsPerHostMax: Int = 32,
        userAgent: String = "download-service",
        usesEnvironmentProxy: Bool = true, trust: CertificateTrust = CertificateTrust(),
        rates: @escaping @Sendable () -> TransferRates = { TransferRates() }
    ) {
        self.connectionsMax = connectionsMax
        self.connectionsPerHostMax = connectionsPerHostMax
        self.userAgent = userAgent
        self.usesEnvironmentProxy = usesEnvironmentProxy
        self.trust = trust
        self.rates = rates
    }
}

/// Upper bounds of all paced transfers of a client together; `nil` sets none.
package struct TransferRates: Hashable, Sendable {
    /// Requests begun per second, at least 1.
    package var requestsPerSecondMax: Int?
    /// Bytes of bodies per second, at least 1. Heads and what TLS adds are not counted.
    package var bytesPerSecondMax: Int?

    package init(requestsPerSecondMax: Int? = nil, bytesPerSecondMax: Int? = nil) {
        self.requestsPerSecondMax = requestsPerSecondMax
        self.bytesPerSecondMax = bytesPerSecondMax
    }
}
