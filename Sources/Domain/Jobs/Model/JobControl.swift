// What people decide about a job, and who they are.

@_spi(_Unicode) import Swift

/// How urgent a job is: 0 … 9, the higher the sooner.
package struct Priority: RawRepresentable, Hashable, Comparable, Sendable {
    /// The priority of a job whose owner sets none.
    package static let normal = Priority(unchecked: 5)
    /// The range of all priorities.
    package static let range = 0...9

    package let rawValue: Int

    /// `nil` outside ``range``.
    package init?(rawValue: Int) {
        guard Priority.range.contains(rawValue) else { return nil }
        self.rawValue = rawValue
    }

    private init(unchecked rawValue: Int) {
        self.rawValue = rawValue
    }

    package static func < (left: Priority, right: Priority) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// The part of a job that people control, and its crashes.
package struct JobControl: Hashable, Sendable {
    package var priority: Priority
    /// A paused job is `pending` and is not claimed until it is resumed.
    package var isPaused: Bool
    /// A pinned job is never removed by retention.
    package var isPinned: Bool
    /// How often in a row the service crashed while the job ran, without a file of it ending in
    /// between. Crashes are no attempts at a file.
    package var crashes: Int

    package init(
        priority: Priority = .normal, isPaused: Bool = false, isPinned: Bool = false,
        crashes: Int = 0
    ) {
        self.priority = priority
        self.isPaused = isPaused
        self.isPinned = isPinned
        self.crashes = crashes
    }
}

/// A person on whose behalf the service acts, or the service itself.
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
