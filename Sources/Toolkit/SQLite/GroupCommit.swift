// One transaction for several writes that know nothing of each other. It must not know where they
// came from or who waits.

/// A write and the two ways to end it. Ended exactly once.
struct PendingWrite: Sendable {
    /// Makes the changes, in a savepoint; what it returns tells the waiter that they are on disk.
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
        var outcome = GroupCommit()
        do {
            try database.run("BEGIN IMMEDIATE")
        } catch {
            outcome.failAll(writes, with: error)
            return outcome
        }
        var changed: [(write: PendingWrite, succeed: () -> Void)] = []
        for (index, write) in writes.enumerated() {
            do {
                changed.append((write, try write.attempt(database)))
            } catch {
                outcome.conclusions.append { write.fail(error) }
                if database.isInTransaction { continue }
                // A full disk, a failed read or too little memory makes SQLite roll back the whole
                // transaction (sqlite.org/lang_transaction.html): only this write is to blame.
                outcome.again = changed.map(\.write) + writes[(index + 1)...]
                return outcome
            }
        }
        do {
            let start = ContinuousClock.now
            defer { outcome.committing = .now - start }
            try database.run("COMMIT")
            outcome.isCommitted = true
            outcome.conclusions += changed.map(\.succeed)
        } catch {
            database.rollBack()
            outcome.failAll(changed.map(\.write), with: error)
        }
        return outcome
    }

    private mutating func failAll(_ writes: [PendingWrite], with error: any Error) {
        conclusions += writes.map { write in { write.fail(error) } }
    }
}
