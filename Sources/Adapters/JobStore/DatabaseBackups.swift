// The store's dated copies: made, listed, brought back. It must not know when.

package import Datasets
import Dispatch
import Jobs
import SQLite

/// The folder of a database's backups.
package final class DatabaseBackups: BackupMaking, Sendable {
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
    /// Copying takes a while, and holds no thread of those that tasks share.
    private let queue = DispatchQueue(label: "backup", qos: .utility)

    /// - Parameters:
    ///   - path: of the database.
    ///   - folder: where its backups go.
    package init(of path: String, in folder: String) {
        database = path
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let stem = name.hasSuffix(".db") ? String(name.dropLast(3)) : name
        self.folder = BackupFolder(path: folder, stem: stem)
    }

    package func newest() async throws -> Timestamp? {
        try told { try folder.entries().lazy.compactMap { Timestamp(stamp: $0.stamp) }.first }
    }

    /// Whether there is a backup, damaged or not.
    ///
    /// - Throws: ``JobError/storeFailed(_:)`` where the folder cannot be read.
    package var hasAny: Bool {
        get throws { try told { try !folder.entries().isEmpty } }
    }

    package func backUp(at now: Timestamp, keeping count: Int) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { [self] in
                continuation.resume(
                    with: Result {
                        try told {
                            let entry = try folder.copy(database, stamp: freeStamp(now))
                            _ = try folder.prune(keeping: count)
                            return entry.path
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
        try told { try folder.copy(database, stamp: freeStamp(now)).path }
    }

    /// Two backups may be made in one second: the later one is then called after the next.
    private func freeStamp(_ now: Timestamp) throws -> String {
        let taken = try Set(folder.entries().map(\.stamp))
        var moment = now
        while taken.contains(moment.stamp) { moment = moment + .seconds(1) }
        return moment.stamp
    }

    /// Brings a backup back; blocks meanwhile. Nobody may have the database open.
    ///
    /// - Parameter file: the backup; `nil` takes the newest that is not damaged.
    /// - Throws: ``JobError/storeFailed(_:)``, saying what to do; the database is untouched then,
    ///   unless the disk refused half-way.
    package func restore(_ file: String?, at now: Timestamp) throws -> Restored {
        var damaged: [String] = []
        var candidates = try told { try file.map { [$0] } ?? folder.entries().map(\.path) }[...]
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
            """, [.text(ProcessEnd.cleanFact), .text(now.iso8601)])
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
