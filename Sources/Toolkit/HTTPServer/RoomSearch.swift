// Which of a loop's connections to close first when there is no room for another. It must not
// close any.

import HTTP

/// Finds the connections that have held their places for nothing the longest.
///
/// It looks through all of them only when it is asked, so that requests cost nothing for it, and
/// remembers more than one, so that a flood of clients does not make it look for each.
struct RoomSearch {
    /// Found, and not closed yet: the one that has waited longest is last.
    private var candidates: [Candidate] = []
    /// Whose they are; `nil` is anybody's.
    private var network: UInt64?
    private var nextSearch: Moment?

    private struct Candidate {
        let connection: Connection
        let since: Moment
    }

    /// How many to remember. A search through 8,000 takes about a millisecond; shared by so many
    /// newcomers, that is less than accepting them.
    private static let candidatesMax = 64
    /// How long to leave all in peace after a search, for each one that was looked at. A look takes
    /// about 100 ns, so that a tenth of the time goes into it at most.
    private static let peaceNanosecondsEach = 1_000
    /// So few are looked at as often as wanted.
    private static let fewConnections = 256

    /// The next one to close, `nil` when all have work to do.
    ///
    /// - Parameter network: whose it has to be; `nil` for anybody's.
    mutating func next(
        of network: UInt64?, among all: some Collection<Connection>, at now: Moment
    ) -> Connection? {
        if network != self.network { candidates = [] }
        self.network = network
        if let found = lastStillWaiting(at: now) { return found }
        if let nextSearch, now < nextSearch { return nil }
        search(all, at: now)
        return lastStillWaiting(at: now)
    }

    /// Forgets what it has found.
    mutating func forgetAll() {
        candidates = []
    }

    private mutating func lastStillWaiting(at now: Moment) -> Connection? {
        while let candidate = candidates.popLast() {
            // It may have been answered or closed since it was found.
            if candidate.connection.wasteSince(at: now) == candidate.since {
                return candidate.connection
            }
        }
        return nil
    }

    private mutating func search(_ all: some Collection<Connection>, at now: Moment) {
        let found = all.compactMap { connection -> Candidate? in
            guard network == nil || connection.network == network else { return nil }
            return connection.wasteSince(at: now).map {
                Candidate(connection: connection, since: $0)
            }
        }
        candidates = Array(
            found.sorted { $0.since < $1.since }.prefix(RoomSearch.candidatesMax).reversed())
        nextSearch =
            all.count > RoomSearch.fewConnections
            ? now + .nanoseconds(all.count * RoomSearch.peaceNanosecondsEach) : nil
    }
}
