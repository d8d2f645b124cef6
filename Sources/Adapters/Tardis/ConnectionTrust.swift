// Whether answers over connections in use are to be trusted. It must not know the connections.

import Datasets
import Jobs
import Synchronization

/// Remembers when one request was last answered with another one's file: the connection goes on
/// answering like that, and nobody says which one it is.
final class ConnectionTrust: Sendable {
    /// By then curl has closed a connection that nobody has used since: a little more than
    /// ``CurlSettings/idleConnectionLifetime``.
    private static let lifetime = Duration.seconds(60)

    private let latest = Mutex<Timestamp?>(nil)

    func raise(at now: Timestamp) {
        latest.withLock { $0 = now }
    }

    func areRaised(at now: Timestamp) -> Bool {
        guard let latest = latest.withLock({ $0 }) else { return false }
        // The wall clock may have been set back.
        return now >= latest && now - latest < ConnectionTrust.lifetime
    }
}
