// Removes what transfers left on the disk that a crash cut off and nobody took up again. It must
// not know jobs.

import Datasets
package import Jobs
package import Logging
import Posix

/// Looks for part files of datasets below the data root that nobody writes any more.
package struct PartSweeper: Sendable {
    private let root: DataRoot
    private let logger: Logger

    package init(root: DataRoot, logger: Logger) {
        self.root = root
        self.logger = logger
    }

    /// Removes them; what cannot be looked at or removed stays, for the next time. Blocks while the
    /// disk works, for minutes where there are millions of files. Transfers may go on meanwhile:
    /// a file that is being written is held by its writer.
    ///
    /// - Returns: how many were removed.
    @discardableResult
    package func sweep() -> Int {
        guard let top = try? ConfinedFolder(root: root.text, creating: false) else { return 0 }
        var count = 0
        top.visitAll { folder, names in
            for name in names where name.hasSuffix(AtomicFile.suffix) {
                let final = String(name.dropLast(AtomicFile.suffix.count))
                guard DatasetFile.isName(final) else { continue }
                if (try? AtomicFile.sweep(final, in: folder)) == true { count += 1 }
            }
        }
        if count > 0 {
            logger.notice(
                "part files of interrupted transfers were removed", metadata: ["count": "\(count)"])
        }
        return count
    }
}
