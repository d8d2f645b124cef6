// What retention and backups need: old jobs from the store, their files from the disk, and copies of
// the database.

package import Datasets

/// A job that has ended long enough ago to be removed.
package struct ExpiredJob: Hashable, Sendable {
    package var id: JobID
    package var state: JobState
    /// When it ended, as it is kept: what the order of expired jobs goes by.
    package var endedAt: String
    package var user: String
    package var exchange: String
    /// The folder that its files went to, as ``Job/outputPath``.
    package var folder: String
    package var filesTotal: Int
    /// What papers may cite, and what cannot be found once the job is removed.
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

/// When old jobs were last looked for, as the wall clock said: what a clock is compared with before
/// anything is removed by it.
package enum RetentionRound {
    /// The key of the stored moment; its value is the moment as ``Timestamp/iso8601``.
    package static let key = "retention_round_at"
    /// A clock that has moved by more than this since the last round may have jumped.
    package static let jumpMin = Duration.seconds(86_400)

    /// Whether something may be removed by a clock that says now.
    ///
    /// - Parameter last: what the clock said at the last round; `nil` where there was none.
    package static func trusts(_ now: Timestamp, after last: Timestamp?) -> Bool {
        guard let last else { return false }
        let moved = now - last
        return moved <= jumpMin && moved >= .zero - jumpMin
    }
}

/// Who else has to do with a published file.
package struct FileReferences: Hashable, Sendable {
    /// The folders of other jobs that have published a file of the same dataset.
    package var folders: [String]
    /// Whether a job that has not ended may want the file, or be at it.
    package var isWanted: Bool

    package init(folders: [String] = [], isWanted: Bool = false) {
        self.folders = folders
        self.isWanted = isWanted
    }
}

/// What one step of removing came to.
package struct RemovalStep: Hashable, Sendable {
    /// Jobs that have gone.
    package var removed: [JobID] = []
    /// Jobs that stay: they were pinned, taken up again or removed meanwhile.
    package var kept: [JobID] = []

    package init(removed: [JobID] = [], kept: [JobID] = []) {
        self.removed = removed
        self.kept = kept
    }
}

/// Finds and removes old jobs. The promises of ``ServiceStore`` hold.
package protocol RetentionStore: JobReader, KeyValueStore {
    /// Jobs all of whose times are before a moment, the end as well as the others: a clock that was
    /// back for a while makes an end older than it is. Only those that are not pinned and all of
    /// whose news has been told, in the order of their ends.
    ///
    /// - Parameter after: the last job of the page before; `nil` for the first page.
    func expiredJobs(
        endedBefore moment: Timestamp, after: ExpiredJob?, limit: Int
    ) async throws -> [ExpiredJob]
    /// Who besides a job has to do with a published file.
    func users(of file: DatasetFile, besides id: JobID) async throws -> FileReferences
    /// Removes some of these jobs with everything that is kept of them, in one short transaction,
    /// and adds `removed` to the history for each; a job that is no longer expired stays. Where the
    /// first job has more files than `rowsMax`, so many of its files go, the last ones first, and
    /// its counters with them.
    func remove(
        _ jobs: [ExpiredJob], endedBefore moment: Timestamp, rowsMax: Int, at now: Timestamp
    ) async throws -> RemovalStep
    /// Keeps only the newest of the history's lines that tell of removed jobs; takes away a
    /// thousand at most.
    ///
    /// - Returns: whether there are more to take away.
    func trimRemovals(to count: Int) async throws -> Bool
    /// Gives room that is not needed any more back to the disk, so much that it takes no longer
    /// than any other change.
    ///
    /// - Returns: whether there is more to give back.
    func shrink() async throws -> Bool
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

/// What became of a file that was to be removed.
package enum FileRemoval: Hashable, Sendable {
    case removed
    /// There is none any more.
    case gone
    /// It is not what was published, and stays.
    case changed
    /// Another job has published it under the same name in the same folder; it stays.
    case shared
    /// A job that has not ended may want it; it stays for now.
    case wanted
    /// It could not be looked at or removed; says why.
    case failed(String)

    /// Whether what was published is out of the hands of its job.
    package var isSettled: Bool {
        switch self {
        case .removed, .gone, .changed, .shared: true
        case .wanted, .failed: false
        }
    }
}

/// Removes published files, and the folders that were made for them.
package protocol FileRemoving: Sendable {
    /// Removes a file below the data root if it is, byte for byte, what was published, and nobody
    /// else needs it. Nobody begins to use it meanwhile.
    ///
    /// - Parameter users: asked when nobody can begin to use the file any more; `nil` where that
    ///   cannot be found out.
    func remove(
        _ file: PublishedFile, unless users: @Sendable () async -> FileReferences?
    ) async -> FileRemoval
    /// Removes a folder below the data root, then its parent and so on, as far as they are empty
    /// and the service has made them; never the root. A job that is about to write there makes its
    /// folder again.
    ///
    /// - Parameter folder: as ``Job/outputPath``.
    /// - Returns: how many were removed.
    func removeEmptyFolders(_ folder: String) async -> Int
}

/// Makes copies of everything that the store keeps, and keeps the newest of them.
package protocol BackupStore: Sendable {
    /// When the newest copy was made, `nil` where there is none. Copies are ordered by a count of
    /// the store, not by clocks: it may have been made later than now.
    func newest(at now: Timestamp) async throws -> Timestamp?
    /// Makes a proven copy while the store is being written, and removes all but the newest.
    ///
    /// - Parameter count: how many are kept, at least 1.
    /// - Returns: the copy's name, for the log.
    /// - Throws: ``JobError/storeFailed(_:)``, saying what to do; no older copy is removed then.
    func backUp(at now: Timestamp, keeping count: Int) async throws -> String
}
