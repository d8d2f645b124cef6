// One transaction for several independent writes.

/// A write and the two ways to end it, of which exactly one is called once.
struct PendingWrite: Sendable {
    /// Makes the changes, and returns the closure that resumes the caller after the commit. May run
    /// again after a rollback.
    let attempt: @Sendable (Database) throws -> @Sendable () -> Void
    /// Resumes the caller with an error: none of its changes were made.
    let fail: @Sendable (any Error) -> Void
}

/// The outcome of a group.
struct GroupCommit {
    /// Resume the callers; to be called after the commit.
    var conclusions: [() -> Void] = []
    /// Writes to run again, because another write ended their transaction.
    var again: [PendingWrite] = []
    var isCommitted = false
    /// The duration of the commit.
    var committing = Duration.zero

    /// Runs the writes in one transaction.
    ///
    /// At least one of them is concluded, so repeating it with ``again`` ends.
    static func run(_ writes: [PendingWrite], on database: Database) -> GroupCommit {
        together(writes, on: database) ?? apart(writes, on: database)
    }

    /// Runs the writes without savepoints. A savepoint copies every page that it changes, which
    /// costs a third of a small write, and hardly any write fails.
    ///
    /// - Returns: `nil` if one of several failed, after a rollback.
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

    /// Runs each write in a savepoint, so that a failed one leaves no changes.
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
                // transaction (sqlite.org/lang_transaction.html); only this write failed.
                outcome.again = changed.map(\.write) + writes[(index + 1)...]
                return outcome
            }
        }
        outcome.commit(changed, on: database)
        return outcome
    }

    /// - Returns: whether the transaction began; if not, every write has failed.
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
            // A confirmed write has to be found after the next start.
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
