// How a client behaves towards all hosts together. It must not know a single request.

/// Settings of a ``CurlClient``.
package struct CurlSettings: Sendable {
    /// Connections open at once; further transfers wait for their turn. 64: far above the transfers
    /// that a service runs at once, far below the 1024 descriptors that it may open.
    package var connectionsMax: Int
    /// Connections open at once to one host.
    package var connectionsPerHostMax: Int
    /// Sent as `User-Agent` by requests that name none of their own.
    package var userAgent: String
    /// How long an address stays known. curl's own default is 60 s.
    package var addressLifetime: Duration
    /// How long an unused connection may be taken up again. curl's default is 118 s; servers in
    /// front of object storage commonly close after 60 s, and a request on a dying connection costs
    /// a round trip.
    package var idleConnectionLifetime: Duration
    /// Bytes that one read of a socket may bring. 256 KiB is where larger ones stop paying.
    package var receiveBufferBytes: Int
    /// Whether `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` apply, as curl reads them;
    /// to hosts on loopback they never do.
    package var usesEnvironmentProxy: Bool
    /// Certificates believed besides the system's.
    package var trust: CertificateTrust
    /// How fast all paced transfers together may be; asked again and again, on the transfer thread,
    /// so that a change takes effect within a second. Must not block.
    package var rates: @Sendable () -> TransferRates

    package init(
        connectionsMax: Int = 64, connectionsPerHostMax: Int = 32,
        userAgent: String = "download-service", addressLifetime: Duration = .seconds(60),
        idleConnectionLifetime: Duration = .seconds(55), receiveBufferBytes: Int = 256 * 1024,
        usesEnvironmentProxy: Bool = true, trust: CertificateTrust = CertificateTrust(),
        rates: @escaping @Sendable () -> TransferRates = { TransferRates() }
    ) {
        self.connectionsMax = connectionsMax
        self.connectionsPerHostMax = connectionsPerHostMax
        self.userAgent = userAgent
        self.addressLifetime = addressLifetime
        self.idleConnectionLifetime = idleConnectionLifetime
        self.receiveBufferBytes = receiveBufferBytes
        self.usesEnvironmentProxy = usesEnvironmentProxy
        self.trust = trust
        self.rates = rates
    }
}
