// Which keys are being answered at this moment. It must not know what the answers will be. One
// process owns the database, so that its memory is enough.

import Synchronization

/// The keys of submissions in flight, each with its user.
final class InFlightKeys: Sendable {
    /// A key belongs to the user who chose it.
    struct Entry: Hashable, Sendable {
        var user: String
        var key: String
    }

    private let entries = Mutex<Set<Entry>>([])

    /// Whether the key was free; then it is in use until ``giveBack(_:)``.
    func take(_ entry: Entry) -> Bool {
        entries.withLock { $0.insert(entry).inserted }
    }

    func giveBack(_ entry: Entry) {
        entries.withLock { _ = $0.remove(entry) }
    }
}
