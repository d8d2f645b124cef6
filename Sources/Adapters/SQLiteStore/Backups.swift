// The numbered backups of the database: made, listed, restored.

package import Datasets
import Dispatch
import Jobs
import SQLite

/// The folder of a database's backups.
package final class DatabaseBackups: BackupStore, Sendable {
    /// What came of bringing a backup back.
    package struct Restored: Hashable, Sendable {
        /// The backup that was taken.
        package var backup: String
        /// Where the former database is now, `nil` where there was none.
        package var aside: String?
        /// Newer backups that were passed over, each with what is wrong with it.
        package var damaged: [String]
    }

    private let database: String
    private let folder: BackupFolder
    /// The store that has the database open in this process, if one has.
    private let store: SQLiteJobStore?
    /// Copying takes a while, and holds no thread of those that tasks share.
    private let queue = DispatchQueue(label: "backup", qos: .utility)

    /// - Parameters:
    ///   - path: of the database.
    ///   - folder: where its backups go.
    ///   - store: where this process has the database open: another file in its place must neither
    ///     be taken for it, nor push its backups out.
    package init(of path: String, in folder: String, whileOpenIn store: SQLiteJobStore? = nil) {
        database = path
        self.store = store
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let stem = name.hasSuffix(".db") ? String(name.dropLast(3)) : name
        self.folder = BackupFolder(path: folder, stem: stem)
    }

    package func newest(at now: Timestamp) async throws -> Timestamp? {
        try told {
            try folder.entries(now: now.stamp).lazy.compactMap { Timestamp(stamp: $0.stamp) }.first
        }
    }

    /// Whether there is a backup, damaged or not.
    ///
    /// - Throws: ``JobError/storeFailed(_:)`` where the folder cannot be read.
    package var hasAny: Bool {
        get throws { try told { try !folder.entries(now: "").isEmpty } }
    }

    package func backUp(at now: Timestamp, keeping count: Int) async throws -> String {
        try await store?.probe()
        return try await withCheckedThrowingContinuation { continuation in
            queue.async { [self] in
                continuation.resume(
                    with: Result {
                        try told {
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
        try told { try copy(at: now) }
    }

    /// Makes a backup of what a store has open, though its file is gone from its place.
    ///
    /// - Returns: its path.
    /// - Throws: ``JobError/storeFailed(_:)``, also where what is open is not whole.
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

    /// Counted in the database, and never lower than what the folder has: a database that was
    /// brought back counts on from there. Where the database cannot be written, the folder counts.
    private func nextNumber(in connection: Database) throws -> Int64 {
        let name = SQLValue.text(DatabaseBackups.counterFact)
        let counted =
            (try? connection.number(
                "SELECT CAST(value AS INTEGER) FROM facts WHERE name = ?", [name])) ?? 0
        let taken = try folder.entries(now: "").map(\.number).max() ?? 0
        let highest = max(0, counted, taken)
        let number = highest < Int64.max ? highest + 1 : highest
        try? connection.run(
            """
            INSERT INTO facts (name, value) VALUES (?1, ?2)
            ON CONFLICT (name) DO UPDATE SET value = excluded.value
            """, [name, .text(String(number))])
        return number
    }

    /// The name of the fact that counts the backups of a database.
    static let counterFact = "backups_made"

    /// Brings a backup back; blocks meanwhile. Nobody may have the database open.
    ///
    /// - Parameter file: the backup; `nil` takes the newest that is not damaged.
    /// - Throws: ``JobError/storeFailed(_:)``, saying what to do; the database is untouched then,
    ///   unless the disk refused half-way.
    package func restore(_ file: String?, at now: Timestamp) throws -> Restored {
        var damaged: [String] = []
        var candidates = try told {
            try file.map { [$0] } ?? folder.entries(now: now.stamp).map(\.path)
        }[...]
        while let candidate = candidates.popFirst() {
            let problems = DatabaseRestore.problems(of: candidate)
            guard problems.isEmpty else {
                damaged.append("\(candidate) (\(problems[0]))")
                continue
            }
            let aside = try told {
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

    /// Whatever was running when the copy was made is not to blame for its interruption.
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
        try copy.run(
            """
            INSERT INTO facts (name, value) VALUES (?, ?)
            ON CONFLICT (name) DO UPDATE SET value = excluded.value
            """, [.text(ProcessEnd.cleanKey), .text(now.iso8601)])
    }

    private func told<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as SQLiteError {
            throw StoreFailure.jobError(for: error, at: "\(folder.path) or \(database)")
        }
    }
}

extension Timestamp {
    /// As it stands in a backup's name: `20251113T102030Z`.
    fileprivate var stamp: String {
        iso8601.prefix { $0 != "." }.filter { $0 != "-" && $0 != ":" } + "Z"
    }

    /// `nil` where it does not look like one.
    fileprivate init?(stamp: String) {
        guard stamp.count == 16, stamp.hasSuffix("Z") else { return nil }
        let digits = Array(stamp)
        func part(_ range: Range<Int>) -> String { String(digits[range]) }
        self.init(
            "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(9..<11)):\(part(11..<13)):"
                + "\(part(13..<15))Z")
    }
}
