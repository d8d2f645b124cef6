// Where files were published last, and what they were. It must not know the disk.

import Datasets
import Jobs
import Synchronization

/// Remembers published files until the store has heard of them, so that a job that waited for
/// another one's transfer finds its file.
final class RecentPublications: Sendable {
    /// Files remembered at most; beyond it all are forgotten. By then the store knows them.
    private static let countMax = 4096

    private let copies = Mutex<[DatasetFile: PublishedCopy]>([:])

    func remember(_ file: DatasetFile, _ copy: PublishedCopy) {
        copies.withLock { copies in
            if copies.count >= RecentPublications.countMax {
                copies.removeAll(keepingCapacity: true)
            }
            copies[file] = copy
        }
    }

    func copy(of file: DatasetFile) -> PublishedCopy? {
        copies.withLock { $0[file] }
    }
}
