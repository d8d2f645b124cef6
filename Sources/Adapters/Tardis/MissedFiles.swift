// Which files Tardis has once said it does not have. It must not know how often they are asked for.

import Synchronization

/// Remembers the first "not found" of files that are between two attempts, so that the second is
/// known as such, whatever came in between.
final class MissedFiles: Sendable {
    /// Files remembered at most; beyond it all are forgotten, and asked for once more.
    private static let countMax = 4096

    private let files = Mutex<Set<TargetFile>>([])

    func remember(_ file: TargetFile) {
        files.withLock { files in
            if files.count >= MissedFiles.countMax { files.removeAll(keepingCapacity: true) }
            files.insert(file)
        }
    }

    func contains(_ file: TargetFile) -> Bool {
        files.withLock { $0.contains(file) }
    }

    func forget(_ file: TargetFile) {
        files.withLock { _ = $0.remove(file) }
    }
}
