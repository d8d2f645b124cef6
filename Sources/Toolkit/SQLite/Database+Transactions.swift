// Transactions and savepoints of a connection. They must not know what happens inside.

extension Database {
    /// Runs the body in a transaction that takes the write lock at once: one that upgraded later
    /// could be refused half-way ("database is locked", solid_queue #133).
    ///
    /// - Throws: what the body throws, after everything has been rolled back; ``SQLiteError`` where
    ///   the transaction cannot begin or be committed.
    package func transaction<Result>(_ body: () throws -> Result) throws -> Result {
        try execute("BEGIN IMMEDIATE")
        return try commit(after: body)
    }

    /// Runs the body on one unchanging view of the data. For reading only.
    package func snapshot<Result>(_ body: () throws -> Result) throws -> Result {
        try execute("BEGIN DEFERRED")
        return try commit(after: body)
    }

    /// Runs the body so that its changes alone can be taken back, within a transaction.
    ///
    /// - Throws: what the body throws, after its changes have been taken back. The transaction goes
    ///   on, unless SQLite ended it: see ``isInTransaction``.
    package func savepoint<Result>(_ body: () throws -> Result) throws -> Result {
        precondition(isInTransaction, "a savepoint stands in a transaction")
        try run("SAVEPOINT step")
        do {
            let result = try body()
            try run("RELEASE step")
            return result
        } catch {
            // Where SQLite has rolled everything back by itself there is no savepoint any more.
            if isInTransaction { try execute("ROLLBACK TO step; RELEASE step") }
            throw error
        }
    }

    /// Ends the open transaction without its changes, where there is one. Never fails: if even this
    /// is refused, closing the connection does the same.
    package func rollBack() {
        if isInTransaction { try? execute("ROLLBACK") }
    }

    private func commit<Result>(after body: () throws -> Result) throws -> Result {
        do {
            let result = try body()
            try run("COMMIT")
            return result
        } catch {
            rollBack()
            throw error
        }
    }
}
