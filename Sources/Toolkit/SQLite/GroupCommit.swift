// One transaction for several writes that know nothing of each other. It must not know where they
// came from or who waits.

/// A write and the two ways to end it. Ended exactly once.
struct PendingWrite: Sendable {
    /// Makes the changes; what it returns tells the waiter that they are on disk. May be run again
    /// after what it did was rolled back.
    let attempt: @Sendable (Database) throws -> @Sendable () -> Void
    /// Tells the waiter that nothing was changed.
    let fail: @Sendable (any Error) -> Void
}

/// What became of a group.
struct GroupCommit {
    /// Tells the waiters; to be called after the commit.
    var conclusions: [() -> Void] = []
    /// Writes that must be run again, because another one cost them their transaction.
    var again: [PendingWrite] = []
    var isCommitted = false
    /// How long the commit took.
    var committing = Duration.zero

    /// Runs the writes in one transaction.
    ///
    /// At least one of them is concluded, so calling it with ``again`` comes to an end.
    static func run(_ writes: [PendingWrite], on database: Database) -> GroupCommit {
        together(writes, on: database) ?? apart(writes, on: database)
    }

    /// Runs the writes as if they were one. A savepoint keeps a copy of every page that it changes,
    /// which costs a third of a small write, and hardly any write fails.
    ///
    /// - Returns: `nil` where one of several failed: nothing has been changed then.
    private static func together(
        _ writes: [PendingWrite], on database: Database
    ) -> GroupCommit? {
        var outcome = GroupCommit()
        guard outcome.begin(writes, on: database) else { return outcome }
        var changed: [(write: PendingWrite, succeed: () -> Void)] = []
        changed.reserveCapacity(writes.count)
        do {
            for write in writes { changed.append((write, try write.attempt(database))) }
        } catch {
            database.rollBack()
            if writes.count > 1 { return nil }
            outcome.failAll(writes, with: error)
            return outcome
        }
        outcome.commit(changed, on: database)
        return outcome
    }

    /// Runs each write in a savepoint, so that those that fail leave nothing behind.
    private static func apart(_ writes: [PendingWrite], on database: Database) -> GroupCommit {
        var outcome = GroupCommit()
        guard outcome.begin(writes, on: database) else { return outcome }
        var changed: [(write: PendingWrite, succeed: () -> Void)] = []
        for (index, write) in writes.enumerated() {
            do {
                let succeed = try database.savepoint { try write.attempt(database) }
                changed.append((write, succeed))
            } catch {
                outcome.conclusions.append { write.fail(error) }
                if database.isInTransaction { continue }
                // A full disk, a failed read or too little memory makes SQLite roll back the whole
                // transaction (sqlite.org/lang_transaction.html): only this write is to blame.
                outcome.again = changed.map(\.write) + writes[(index + 1)...]
                return outcome
            }
        }
        outcome.commit(changed, on: database)
        return outcome
    }

    /// - Returns: whether there is a transaction; if not, everybody is told.
    private mutating func begin(_ writes: [PendingWrite], on database: Database) -> Bool {
        do {
            try database.checkFile()
            try database.run("BEGIN IMMEDIATE")
            return true
        } catch {
            failAll(writes, with: error)
            return false
        }
    }

    private mutating func commit(
        _ changed: [(write: PendingWrite, succeed: () -> Void)], on database: Database
    ) {
        do {
            let start = ContinuousClock.now
            defer { committing = .now - start }
            try database.run("COMMIT")
            isCommitted = true
            // Who is told that it is on disk must find it there after the next start.
            try database.checkFile()
            conclusions += changed.map(\.succeed)
        } catch {
            database.rollBack()
            failAll(changed.map(\.write), with: error)
        }
    }

    private mutating func failAll(_ writes: [PendingWrite], with error: any Error) {
        conclusions += writes.map { write in { write.fail(error) } }
    }
}
