// Who does something to a job, and what makes two names of users the same name. It must not know
// how callers prove who they are.

@_spi(_Unicode) import Swift

/// Somebody on whose behalf the service acts, or the service itself.
package struct Principal: Hashable, Sendable {
    /// The service, where it acts by itself.
    package static let service = Principal(name: "service", isAdmin: true)

    /// In the one spelling of ``UserName/canonical(_:)``.
    package let name: String
    /// The address that the request came from; empty where there was none.
    package var address: String
    /// Whether jobs of others may be acted on, and the service's limits be changed.
    package var isAdmin: Bool

    package init(name: String, address: String = "", isAdmin: Bool = false) {
        self.name = UserName.canonical(name)
        self.address = address
        self.isAdmin = isAdmin
    }

    /// Whether this principal may act on a job: its owner and administrators may.
    package func mayAct(on job: Job) -> Bool { isAdmin || job.createdBy == name }
}

/// Names of users.
///
/// One sign may be written in more than one way: `é` as one code point, or as `e` and an accent.
/// What is compared, stored, filtered and allowed is the composed form (NFC, Unicode Standard Annex
/// 15), which keyboards give.
package enum UserName {
    /// The one spelling of a name.
    ///
    /// The standard library composes for its own comparisons, and lends that only as SPI;
    /// FoundationEssentials, where it is public elsewhere, lacks it on Linux.
    package static func canonical(_ name: String) -> String {
        // Nearly all names, and already what they would become.
        if name.utf8.allSatisfy({ $0 < 0x80 }) { return name }
        var composed = String.UnicodeScalarView()
        for scalar in name._nfc { composed.append(scalar) }
        return String(composed)
    }
}
