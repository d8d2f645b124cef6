// What the connections of one loop hold of requests that have no answer yet, and which of them has
// to give its own up when that is too much. It must not close any.

import HTTP

/// What one connection, or all of a loop, hold of requests without an answer, in bytes.
struct Holding: Hashable {
    /// Of requests that have not arrived as a whole: whoever sends them may take for ever.
    var arriving = 0
    /// Of requests that a handler is at work on, and of what follows them.
    var atWork = 0

    var bytes: Int { arriving + atWork }
}

/// Finds the requests of which nothing has arrived for the longest time.
///
/// It looks through the connections only when they hold too much, and remembers more than one, so
/// that a crowd of clients that stall does not make it look for each.
struct UnfinishedRequests {
    private let bytesMax: Int
    private var held = Holding()
    /// Found, and not given up yet: the one that has waited longest is last. Whatever arrived since
    /// they were found is younger than all of them.
    private var candidates: [Candidate] = []

    private struct Candidate {
        let connection: Connection
        let since: Moment
        /// Whether it is the one that has just received: of two that received at the same time, the
        /// other goes first.
        let isLatest: Bool

        func goesBefore(_ other: Candidate) -> Bool {
            since == other.since ? !isLatest && other.isLatest : since < other.since
        }
    }

    /// How many to remember: see `RoomSearch`.
    private static let candidatesMax = 64

    /// - Parameter bytesMax: how much all of them may hold.
    init(bytesMax: Int) {
        self.bytesMax = bytesMax
    }

    /// One connection holds more or less than it did.
    mutating func change(from old: Holding, to new: Holding) {
        held.arriving += new.arriving - old.arriving
        held.atWork += new.atWork - old.atWork
    }

    /// Whether one has to give up: there is too much, and not all of it is being worked on.
    var isExceeded: Bool { held.bytes > bytesMax && held.arriving > 0 }

    /// The next one to give up.
    ///
    /// - Parameter latest: the one that has just received.
    mutating func next(
        among all: some Collection<Connection>, latest: Connection
    ) -> Connection? {
        if let found = lastStillWaiting() { return found }
        let found = all.compactMap { connection in
            connection.arrivingSince.map {
                Candidate(connection: connection, since: $0, isLatest: connection === latest)
            }
        }
        candidates = found.sorted { $0.goesBefore($1) }
            .prefix(UnfinishedRequests.candidatesMax).reversed()
        return lastStillWaiting()
    }

    /// Forgets which it has found.
    mutating func forgetAll() {
        candidates = []
    }

    private mutating func lastStillWaiting() -> Connection? {
        while let candidate = candidates.popLast() {
            if candidate.connection.arrivingSince == candidate.since {
                return candidate.connection
            }
        }
        return nil
    }
}
