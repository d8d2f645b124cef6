// Finds the connections of one event loop that have kept it waiting longest: the first to close
// when places or memory run out.

import HTTP

/// Picks connections in the order in which they began to wait.
///
/// It looks through all of them only when it is asked, so that requests cost nothing for it, and
/// remembers more than one, so that a flood of clients does not cause a search for each.
struct IdleConnectionEvictor {
    /// Found and not picked yet: the one that has waited longest is last.
    private var candidates: [Candidate] = []
    /// Whose they are; `nil` where any client's are wanted.
    private var network: UInt64?
    private var nextSearch: Moment?

    private struct Candidate {
        let connection: Connection
        let since: Moment
    }

    /// How many to remember. A search through 8,000 takes about a millisecond; shared by so many
    /// clients, that is less than accepting them.
    private static let candidatesMax = 64
    /// The pause after a search, in nanoseconds for each connection that was looked at. A look
    /// takes about 100 ns, so that searches take at most a tenth of the time.
    private static let pauseNanosecondsEach = 1_000
    /// So few are looked at without a pause.
    private static let unpausedConnectionsMax = 256

    /// The next one to close; `nil` when none may be closed, or during the pause after a search.
    ///
    /// - Parameters:
    ///   - network: whose it has to be; `nil` for any client's.
    ///   - since: when a connection began to wait; `nil` for one that must not be closed.
    mutating func next(
        of network: UInt64? = nil, among all: some Collection<Connection>, at now: Moment,
        since: (Connection) -> Moment?
    ) -> Connection? {
        if network != self.network { candidates = [] }
        self.network = network
        if let found = lastStillWaiting(since) { return found }
        if let nextSearch, now < nextSearch { return nil }
        search(all, at: now, since)
        return lastStillWaiting(since)
    }

    /// Forgets which it has found.
    mutating func forgetAll() {
        candidates = []
    }

    private mutating func lastStillWaiting(_ since: (Connection) -> Moment?) -> Connection? {
        while let candidate = candidates.popLast() {
            // It may have been answered or closed since it was found.
            if since(candidate.connection) == candidate.since { return candidate.connection }
        }
        return nil
    }

    private mutating func search(
        _ all: some Collection<Connection>, at now: Moment, _ since: (Connection) -> Moment?
    ) {
        let found = all.compactMap { connection -> Candidate? in
            guard network == nil || connection.network == network else { return nil }
            return since(connection).map { Candidate(connection: connection, since: $0) }
        }
        candidates = found.sorted { $0.since < $1.since }
            .prefix(IdleConnectionEvictor.candidatesMax).reversed()
        nextSearch =
            all.count > IdleConnectionEvictor.unpausedConnectionsMax
            ? now + .nanoseconds(all.count * IdleConnectionEvictor.pauseNanosecondsEach) : nil
    }
}
