// The settings of a client: address, user, token and limits.

package import Curl

/// Settings of an ``APIClient``.
package struct APIClientSettings: Sendable {
    package var address: ServiceAddress
    /// Sent as `X-Username`.
    package var user: String
    /// Sent as `X-API-Token`; a secret.
    package var token: String?
    /// Certificates trusted besides the system's.
    package var trust: CertificateTrust
    /// Time to connect.
    package var connectTimeout: Duration
    /// Time for a whole exchange. 60 s: a submission may wait for the catalogue of an exchange.
    package var totalTimeout: Duration
    /// The largest reply taken. 64 MiB: five hundred jobs with a thousand symbols each are a tenth
    /// of it.
    package var replyMaxBytes: Int

    package init(
        address: ServiceAddress, user: String, token: String? = nil,
        trust: CertificateTrust = CertificateTrust(),
        connectTimeout: Duration = .seconds(10), totalTimeout: Duration = .seconds(60),
        replyMaxBytes: Int = 64 << 20
    ) {
        self.address = address
        self.user = user
        self.token = token
        self.trust = trust
        self.connectTimeout = connectTimeout
        self.totalTimeout = totalTimeout
        self.replyMaxBytes = replyMaxBytes
    }

    /// Whether a text is a valid field value: not empty, no control characters, no
    /// blanks at its ends (RFC 9110 §5.5).
    package static func isHeaderValue(_ text: String) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last else { return false }
        return first != 0x20 && last != 0x20 && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }
}
