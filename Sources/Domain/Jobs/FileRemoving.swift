// What retention needs from whatever keeps files. It must not know the disk.

package import Datasets

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
