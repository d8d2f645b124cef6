// How fast a client may be, all of its transfers together. It must not know how that is kept.

/// Upper bounds over all paced transfers of a client; `nil` sets none.
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
