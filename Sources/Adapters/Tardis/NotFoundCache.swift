// What Tardis has said once already about files: that it does not have them, or bytes that are not
// what they should be. It must not know how often they are asked for.

import Datasets
import Synchronization

/// Remembers the first "not found" of files that are between two attempts, so that the second is
/// known as such, whatever came in between.
final class NotFoundCache: Sendable {
    /// Files remembered at most; beyond it all are forgotten, and asked for once more.
    private static let countMax = 4096

    private let files = Mutex<Set<TargetFile>>([])

    func remember(_ file: TargetFile) {
        files.withLock { files in
            if files.count >= NotFoundCache.countMax { files.removeAll(keepingCapacity: true) }
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

/// Remembers whole bodies that were refused, so that one that comes again is known.
final class RefusedBodies: Sendable {
    /// Bodies remembered at most; beyond it all are forgotten, and fetched once more.
    private static let countMax = 4096

    private struct Body: Hashable {
        let file: DatasetFile
        let sha256: String
    }

    private let bodies = Mutex<Set<Body>>([])

    /// - Returns: whether the same bytes have been refused as this file before.
    func remember(_ sha256: String, of file: DatasetFile) -> Bool {
        bodies.withLock { bodies in
            if bodies.count >= RefusedBodies.countMax { bodies.removeAll(keepingCapacity: true) }
            return !bodies.insert(Body(file: file, sha256: sha256)).inserted
        }
    }
}
