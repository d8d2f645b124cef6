// Removes the part files that transfers left on the disk when the process crashed.

import Datasets
package import Jobs
package import Logging
import Posix

/// Finds part files of datasets below the data root that no process writes.
package struct PartSweeper: Sendable {
    private let root: DataRoot
    private let logger: Logger

    package init(root: DataRoot, logger: Logger) {
        self.root = root
        self.logger = logger
    }

    /// Removes them; files that cannot be read or removed stay for the next sweep. Blocks, for
    /// minutes with millions of files. Transfers may continue meanwhile: a writer locks its file.
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
