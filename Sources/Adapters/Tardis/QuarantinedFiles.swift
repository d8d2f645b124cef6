// Which files were found damaged and put aside, and are not back yet.

import Jobs
import Synchronization

/// Remembers what was put aside until the file is there again: by then nothing on the disk tells a
/// damaged file from a missing one.
final class QuarantinedFiles: Sendable {
    /// Files remembered at most; beyond it all are forgotten, and count as missing.
    private static let countMax = 4096

    private let files = Mutex<Set<TargetFile>>([])

    /// How a file was found that is to be verified; `nil` where it is what it was.
    func finding(_ stored: StoredDataset, of file: TargetFile) -> FileFinding? {
        files.withLock { files in
            switch stored {
            case .proven, .stopped: return nil
            case .refused:
                if files.count >= QuarantinedFiles.countMax {
                    files.removeAll(keepingCapacity: true)
                }
                files.insert(file)
                return .damaged
            case .none: return files.contains(file) ? .damaged : .missing
            }
        }
    }

    /// The file is there again, or nothing more is done about it.
    func forget(_ file: TargetFile) {
        files.withLock { _ = $0.remove(file) }
    }
}
