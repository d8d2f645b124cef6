// Transactions and savepoints of a connection.

extension Database {
    /// Runs the body in a transaction that takes the write lock at once: one that takes it later
    /// can be refused half-way ("database is locked", solid_queue #133).
    ///
    /// - Throws: what the body throws, after a rollback; ``SQLiteError`` if the transaction cannot
    ///   begin or be committed.
    package func transaction<Result>(_ body: () throws -> Result) throws -> Result {
        try execute("BEGIN IMMEDIATE")
        return try commit(after: body)
    }

    /// Runs the body on one unchanging view of the data. For reading only.
    package func snapshot<Result>(_ body: () throws -> Result) throws -> Result {
        try execute("BEGIN DEFERRED")
        return try commit(after: body)
    }

    /// Runs the body within a transaction so that only its own changes can be rolled back.
    ///
    /// - Throws: what the body throws, after its changes were rolled back. The transaction goes on,
    ///   unless SQLite ended it: see ``isInTransaction``.
    package func savepoint<Result>(_ body: () throws -> Result) throws -> Result {
        precondition(isInTransaction, "a savepoint needs an open transaction")
        try run("SAVEPOINT step")
        do {
            let result = try body()
            try run("RELEASE step")
            return result
        } catch {
            // There is no savepoint any more if SQLite has rolled back the transaction.
            if isInTransaction { try execute("ROLLBACK TO step; RELEASE step") }
            throw error
        }
    }

    /// Rolls back the open transaction, if any. Never fails: if this is refused, closing the
    /// connection does the same.
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
