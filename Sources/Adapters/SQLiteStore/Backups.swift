// The numbered backups of the database: made, listed, restored.

package import Datasets
import Dispatch
import Jobs
import SQLite

/// The folder of a database's backups.
package final class DatabaseBackups: BackupStore, Sendable {
    /// The result of a restore.
    package struct Restored: Hashable, Sendable {
        /// The backup that was restored.
        package var backup: String
        /// The new path of the former database, `nil` if there was none.
        package var aside: String?
        /// Newer backups that were skipped, each with its damage.
        package var damaged: [String]
    }

    private let database: String
    private let folder: BackupFolder
    /// The store of this process that has the database open, if any.
    private let store: SQLiteJobStore?
    /// Copying blocks for seconds, which the threads of tasks must not.
    private let queue = DispatchQueue(label: "backup", qos: .utility)

    /// - Parameters:
    ///   - path: of the database.
    ///   - folder: of its backups.
    ///   - store: that has the database open in this process. If another file is in its place, no
    ///     backup is made of that file and none is removed for it.
    package init(of path: String, in folder: String, whileOpenIn store: SQLiteJobStore? = nil) {
        database = path
        self.store = store
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let stem = name.hasSuffix(".db") ? String(name.dropLast(3)) : name
        self.folder = BackupFolder(path: folder, stem: stem)
    }

    package func newest(at now: Timestamp) async throws -> Timestamp? {
        try mappingErrors {
            try folder.entries(now: now.stamp).lazy.compactMap { Timestamp(stamp: $0.stamp) }.first
        }
    }

    /// True if there is a backup, damaged or not.
    ///
    /// - Throws: ``JobError/storeFailed(_:)`` if the folder cannot be read.
    package var hasAny: Bool {
        get throws { try mappingErrors { try !folder.entries(now: "").isEmpty } }
    }

    package func backUp(at now: Timestamp, keeping count: Int) async throws -> String {
        try await store?.probe()
        return try await withCheckedThrowingContinuation { continuation in
            queue.async { [self] in
                continuation.resume(
                    with: Result {
                        try mappingErrors {
                            let path = try copy(at: now)
                            _ = try folder.prune(keeping: count, now: now.stamp)
                            return path
                        }
                    })
            }
        }
    }

    /// Makes one more backup; blocks meanwhile.
    ///
    /// - Returns: its path.
    /// - Throws: ``JobError/storeFailed(_:)``.
    package func backUpNow(at now: Timestamp) throws -> String {
        try mappingErrors { try copy(at: now) }
    }

    /// Makes a backup of the file that a store has open, even if its path leads elsewhere by now.
    ///
    /// - Returns: its path.
    /// - Throws: ``JobError/storeFailed(_:)``, also if the open file is not whole.
    package func save(_ store: SQLiteJobStore, at now: Timestamp) async throws -> String {
        do {
            return try await store.withWriter { [self] connection in
                try connection.checkOpenFile()
                return try folder.add(stamp: now.stamp, number: nextNumber(in: connection)) {
                    try OnlineBackup.copy(connection, to: $0)
                }.path
            }
        } catch let error as SQLiteError {
            throw StoreFailure.jobError(for: error, at: folder.path)
        }
    }

    private func copy(at now: Timestamp) throws -> String {
        let connection = try Database(path: database, access: .plain)
        defer { connection.close() }
        let number = try nextNumber(in: connection)
        return try folder.add(stamp: now.stamp, number: number) {
            try OnlineBackup.copy(database, to: $0)
        }.path
    }

    /// Counted in the database, and above all numbers in the folder, so that a restored database
    /// continues from there. If the database cannot be written, the folder alone counts.
    private func nextNumber(in connection: Database) throws -> Int64 {
        let name = DatabaseBackups.counterKey
        let counted =
            (try? connection.number(
                "SELECT CAST(value AS INTEGER) FROM facts WHERE name = ?", [.text(name)])) ?? 0
        let taken = try folder.entries(now: "").map(\.number).max() ?? 0
        let highest = max(0, counted, taken)
        let number = highest < Int64.max ? highest + 1 : highest
        try? FactTable.set(String(number), as: name, in: connection)
        return number
    }

    /// The fact that counts the backups of a database.
    static let counterKey = "backups_made"

    /// Restores a backup; blocks meanwhile. No process may have the database open.
    ///
    /// - Parameter file: the backup; `nil` for the newest that is not damaged.
    /// - Throws: ``JobError/storeFailed(_:)``, saying what to do; the database is untouched then,
    ///   unless the disk failed half-way.
    package func restore(_ file: String?, at now: Timestamp) throws -> Restored {
        var damaged: [String] = []
        var candidates = try mappingErrors {
            try file.map { [$0] } ?? folder.entries(now: now.stamp).map(\.path)
        }[...]
        while let candidate = candidates.popFirst() {
            let problems = DatabaseRestore.problems(of: candidate)
            guard problems.isEmpty else {
                damaged.append("\(candidate) (\(problems[0]))")
                continue
            }
            let aside = try mappingErrors {
                try DatabaseRestore.put(candidate, inPlaceOf: database, stamp: now.stamp) {
                    try DatabaseBackups.prepare($0, from: candidate, at: now)
                }
            }
            return Restored(backup: candidate, aside: aside, damaged: damaged)
        }
        guard damaged.isEmpty else {
            throw JobError.storeFailed(
                "No backup can be used; damaged: \(damaged.joined(separator: ", ")). Name another "
                    + "file, or move the database aside and let the service begin a new one.")
        }
        throw JobError.storeFailed(
            "There is no backup in \(folder.path) (BACKUP_FOLDER). Name the file that is to be "
                + "brought back.")
    }

    /// Marks the shutdown as clean: jobs that ran when the copy was made did not crash.
    private static func prepare(
        _ copy: Database, from path: String, at now: Timestamp
    ) throws {
        let tables = try copy.number(
            "SELECT count(*) FROM sqlite_schema WHERE name IN ('download_jobs', 'facts')")
        guard tables == 2 else {
            throw SQLiteError(
                code: SQLiteError.notADatabaseCode, message: "it holds no jobs",
                operation: "restore \(path)")
        }
        try Schema.migrator.check(copy)
        try FactTable.set(now.iso8601, as: ProcessEnd.cleanKey, in: copy)
    }

    private func mappingErrors<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as SQLiteError {
            throw StoreFailure.jobError(for: error, at: "\(folder.path) or \(database)")
        }
    }
}

extension Timestamp {
    /// The moment in the name of a backup: `20251113T102030Z`.
    fileprivate var stamp: String {
        iso8601.prefix { $0 != "." }.filter { $0 != "-" && $0 != ":" } + "Z"
    }

    /// `nil` for any other text.
    fileprivate init?(stamp: String) {
        guard stamp.count == 16, stamp.hasSuffix("Z") else { return nil }
        let digits = Array(stamp)
        func part(_ range: Range<Int>) -> String { String(digits[range]) }
        self.init(
            "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(9..<11)):\(part(11..<13)):"
                + "\(part(13..<15))Z")
    }
}
