// What retention and backups need: old jobs from the store, their files from the disk, and copies
// of the database.

package import Datasets

/// A job that has ended long enough ago to be removed.
package struct ExpiredJob: Hashable, Sendable {
    package var id: JobID
    package var state: JobState
    /// When it ended, as the store keeps it: expired jobs are in this order.
    package var endedAt: String
    package var user: String
    package var exchange: String
    /// The folder that its files went to, as ``Job/outputPath``.
    package var folder: String
    package var filesTotal: Int
    /// What papers may cite, and what is unknown once the job is removed.
    package var datasetDigest: String?

    package init(
        id: JobID, state: JobState, endedAt: String, user: String, exchange: String,
        folder: String, filesTotal: Int, datasetDigest: String? = nil
    ) {
        self.id = id
        self.state = state
        self.endedAt = endedAt
        self.user = user
        self.exchange = exchange
        self.folder = folder
        self.filesTotal = filesTotal
        self.datasetDigest = datasetDigest
    }

    /// For the history and for people: `completed 2025-11-13 12:00:00, ann, binance, 31 files`.
    package var summary: String {
        "\(state.rawValue) \(endedAt.prefix(19)), \(user), \(exchange), "
            + TextFormat.counted(filesTotal, "file")
            + (datasetDigest.map { ", digest \($0)" } ?? "")
    }
}

/// When retention last ran by the wall clock, which is compared with the clock before anything is
/// removed.
package enum RetentionRound {
    /// The key of the stored moment; its value is the moment as ``Timestamp/iso8601``.
    package static let key = "retention_round_at"
    /// A clock that has moved by more than this since the last round may have jumped.
    package static let jumpMin = Duration.seconds(86_400)

    /// Whether the clock is trusted enough to remove jobs by it.
    ///
    /// - Parameter last: the time of the last round; `nil` where there was none.
    package static func trusts(_ now: Timestamp, after last: Timestamp?) -> Bool {
        guard let last else { return false }
        let moved = now - last
        return moved <= jumpMin && moved >= .zero - jumpMin
    }
}

/// The other jobs that refer to a published file.
package struct FileReferences: Hashable, Sendable {
    /// The folders of other jobs that have published a file of the same dataset.
    package var folders: [String]
    /// Whether an unfinished job may need the file, or is fetching it.
    package var isWanted: Bool

    package init(folders: [String] = [], isWanted: Bool = false) {
        self.folders = folders
        self.isWanted = isWanted
    }
}

/// The outcome of one step of removing jobs.
package struct RemovalStep: Hashable, Sendable {
    /// Jobs that were removed.
    package var removed: [JobID] = []
    /// Jobs that stay: they were pinned, retried or removed meanwhile.
    package var kept: [JobID] = []

    package init(removed: [JobID] = [], kept: [JobID] = []) {
        self.removed = removed
        self.kept = kept
    }
}

/// Finds and removes old jobs. The promises of ``ServiceStore`` hold.
package protocol RetentionStore: FileReader, KeyValueStore {
    /// Jobs all of whose times are before a moment, not only the end, which a clock that was set
    /// back makes too old. Only jobs that are not pinned and have no notification waiting, in the
    /// order of their ends.
    ///
    /// - Parameter after: the last job of the page before; `nil` for the first page.
    func expiredJobs(
        endedBefore moment: Timestamp, after: ExpiredJob?, limit: Int
    ) async throws -> [ExpiredJob]
    /// The references to a published file of jobs other than these.
    func references(
        to file: DatasetFile, besides ids: Set<JobID>
    ) async throws -> FileReferences
    /// Removes some of these jobs with everything that is kept of them, in one short transaction,
    /// and adds `removed` to the history for each; a job that is no longer expired stays. Where the
    /// first job has more files than `rowsMax`, so many of its files go, the last ones first, and
    /// its counters with them.
    func remove(
        _ jobs: [ExpiredJob], endedBefore moment: Timestamp, rowsMax: Int, at now: Timestamp
    ) async throws -> RemovalStep
    /// Keeps only the newest `removed` events; removes a thousand at most.
    ///
    /// - Returns: whether there are more to remove.
    func trimRemovals(to count: Int) async throws -> Bool
    /// Does what the store needs after removals, such as returning space to the disk, in a step no
    /// longer than any other change.
    ///
    /// - Returns: whether there is more to do.
    func maintain() async throws -> Bool
}

/// A file as a job has published it.
package struct PublishedFile: Hashable, Sendable {
    package var file: DatasetFile
    /// The job's ``Job/outputPath``.
    package var folder: String
    package var bytes: Int64
    package var sha256: String

    package init(file: DatasetFile, folder: String, bytes: Int64, sha256: String) {
        self.file = file
        self.folder = folder
        self.bytes = bytes
        self.sha256 = sha256
    }
}

/// The outcome of removing a file.
package enum FileRemoval: Hashable, Sendable {
    case removed
    /// There was none any more.
    case gone
    /// It is not what was published, so it stays.
    case changed
    /// Another job has published it under the same name in the same folder; it stays.
    case shared
    /// An unfinished job may need it; it stays for now.
    case wanted
    /// It could not be read or removed; says why.
    case failed(String)

    /// Whether the job is done with its file.
    package var isSettled: Bool {
        switch self {
        case .removed, .gone, .changed, .shared: true
        case .wanted, .failed: false
        }
    }
}

/// Removes published files, and the folders that were made for them.
package protocol FileRemoving: Sendable {
    /// Removes a file below the data root if it is, byte for byte, what was published, and no other
    /// job needs it. No job begins to use it meanwhile.
    ///
    /// - Parameter references: called when no job can begin to use the file any more; `nil` where
    ///   the store does not answer.
    func remove(
        _ file: PublishedFile, unless references: @Sendable () async -> FileReferences?
    ) async -> FileRemoval
    /// Removes a folder below the data root, then its parent and so on, as far as they are empty
    /// and the service has made them; never the root. A job that is about to write there makes its
    /// folder again.
    ///
    /// - Parameter folder: as ``Job/outputPath``.
    /// - Returns: how many were removed.
    func removeEmptyFolders(_ folder: String) async -> Int
}

/// Backs up the store, and keeps the newest backups.
package protocol BackupStore: Sendable {
    /// When the newest backup was made, `nil` where there is none. Backups are ordered by a count
    /// in the store, not by clocks: it may have been made later than now.
    func newest(at now: Timestamp) async throws -> Timestamp?
    /// Makes a verified backup while the store is being written, and removes all but the newest.
    ///
    /// - Parameter count: how many are kept, at least 1.
    /// - Returns: the backup's name, for the log.
    /// - Throws: ``JobError/storeFailed(_:)``, saying what to do; no older backup is removed then.
    func backUp(at now: Timestamp, keeping count: Int) async throws -> String
}
