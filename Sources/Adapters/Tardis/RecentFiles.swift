// Where files were published last, and what they were. It must not know the disk.

import Datasets
import Jobs
import Synchronization

/// Remembers published files until the store has heard of them, so that a job that waited for
/// another one's transfer finds its file; and whose content was received, so that no other file is
/// taken to have the same unseen.
final class RecentFiles: Sendable {
    private struct State {
        var copies: [DatasetFile: PublishedCopy] = [:]
        /// By SHA-256.
        var owners: [String: DatasetFile] = [:]
    }

    /// Files remembered at most; beyond it all are forgotten. By then the store knows them, and
    /// their connections have served others.
    private static let countMax = 4096

    private let state = Mutex(State())

    func remember(_ file: DatasetFile, _ copy: PublishedCopy) {
        state.withLock { state in
            if state.copies.count >= RecentFiles.countMax {
                state.copies.removeAll(keepingCapacity: true)
            }
            state.copies[file] = copy
        }
    }

    func copy(of file: DatasetFile) -> PublishedCopy? {
        state.withLock { $0.copies[file] }
    }

    /// Whether no other file with this content was received; if so, it is this one's from now on.
    func claim(_ sha256: String, for file: DatasetFile) -> Bool {
        state.withLock { state in
            if let owner = state.owners[sha256] { return owner == file }
            if state.owners.count >= RecentFiles.countMax {
                state.owners.removeAll(keepingCapacity: true)
            }
            state.owners[sha256] = file
            return true
        }
    }
}
