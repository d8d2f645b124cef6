// What the domain needs from the machine: time, and the state of the data root's disk.

package import Concurrency
package import Datasets

/// A clock that can be waited on.
package protocol Timekeeping: Sendable {
    /// The wall clock.
    var now: Timestamp { get }
    /// Returns when the duration has passed.
    ///
    /// - Throws: `CancellationError` when the task is cancelled first.
    func sleep(for duration: Duration) async throws
}

extension AsyncSignal {
    /// Like ``wait()``, and returns at the latest at the moment, if there is one.
    package func wait(until moment: Timestamp?, on clock: some Timekeeping) async {
        guard let moment else { return await wait() }
        await wait(atMost: moment - clock.now, sleep: clock.sleep)
    }
}

/// Why no file can be written to the data root at this moment.
package enum StorageProblem: Hashable, Sendable {
    /// Free disk space is below the reserve.
    case lowSpace(freeBytes: Int64, reserveBytes: Int64)
    /// The file system has hardly any inodes left.
    case lowInodes(free: Int64)
    /// It is not the folder that the last files were written to.
    case changed
    /// It cannot be opened or written; says why.
    case unusable(String)
    /// Not the data root, but the folder of one job could not take a file: of another disk mounted
    /// below it, perhaps. Says why.
    case folder(code: String, reason: String)
}

/// How many files of any size a file system can hold.
package struct InodeCount: Hashable, Sendable {
    package var free: Int64
    package var total: Int64

    package init(free: Int64, total: Int64) {
        self.free = free
        self.total = total
    }
}

/// The state of the data root.
package struct StorageReading: Hashable, Sendable {
    /// The bytes that can still be written below it.
    package var freeBytes: Int64
    /// How many files it can hold; `nil` where the file system sets no limit.
    package var inodes: InodeCount?
    /// The content of its marker file, which tells it from every other folder at the same path;
    /// `nil` where it has none.
    package var marker: String?

    package init(freeBytes: Int64, inodes: InodeCount? = nil, marker: String? = nil) {
        self.freeBytes = freeBytes
        self.inodes = inodes
        self.marker = marker
    }
}

/// Why the data root cannot be read or marked.
package struct StorageRefusal: Error, Hashable, Sendable {
    /// Such as `Permission denied`.
    package var reason: String

    package init(_ reason: String) {
        self.reason = reason
    }
}

/// Reads the state of the data root.
package protocol FreeSpaceProviding: Sendable {
    /// The data root as the configuration names it, as an absolute path.
    var location: String { get }
    /// The present state; `nil` where there is no folder.
    ///
    /// - Throws: ``StorageRefusal`` where it cannot be opened, or only be read.
    func look() async throws(StorageRefusal) -> StorageReading?
    /// Gives the data root a marker unless it has one; makes it where it is missing.
    ///
    /// - Returns: its marker.
    func mark() async throws(StorageRefusal) -> String
}

extension StorageProblem {
    /// Why a job waits whose folder could not take a file.
    package init(puttingOff failure: FileFailure) {
        let code =
            switch failure.code {
            case FileFailure.diskFullCode: "disk_low"
            case FileFailure.machineBusyCode: failure.code
            default: "not_writable"
            }
        self = .folder(code: code, reason: failure.detail)
    }

    /// Its name on the wire.
    package var code: String {
        switch self {
        case .lowSpace: "disk_low"
        case .lowInodes: "inodes_low"
        case .changed: "data_root_changed"
        case .unusable: "not_writable"
        case .folder(let code, _): code
        }
    }

    /// What is wrong and what to do, in sentences; without a path, since all users may read it.
    package var sentences: String {
        switch self {
        case .lowSpace(let free, let reserve) where free >= reserve:
            "The data folder's disk has \(TextFormat.bytes(free)) left. What was put back filled "
                + "more than that, down to the reserve of \(TextFormat.bytes(reserve)) "
                + "(DISK_RESERVE). Make room; downloads go on by themselves, for another try after "
                + "ten minutes at most."
        case .lowSpace(let free, let reserve):
            "The data folder's disk has \(TextFormat.bytes(free)) left, less than the reserve of "
                + "\(TextFormat.bytes(reserve)) (DISK_RESERVE). Make room; downloads go on by "
                + "themselves."
        case .lowInodes(let free):
            "The data folder's file system has room for "
                + "\(TextFormat.counted(Int(clamping: free), "file")) more "
                + "(inodes; `df -i` shows them), however small. Remove files that are not "
                + "needed; downloads go on by themselves."
        case .changed:
            "The data folder is not the one that the last files were written to: a mount is "
                + "missing, has come late, or another disk stands in its place. Mount the right "
                + "one, and downloads go on by themselves. If this one is right, confirm it with "
                + "POST /settings/data-root/confirm (administrators), or with `download-service "
                + "confirm-data-root` on the machine."
        case .unusable(let reason):
            "The data folder cannot be written: \(reason). Mount it for writing and give the "
                + "service's user the right to write; downloads go on by themselves."
        case .folder(FileFailure.machineBusyCode, _):
            "The machine has no open files or memory left for a download; downloads go on by "
                + "themselves."
        case .folder(let code, _):
            "The disk of a folder that a job writes to "
                + (code == "disk_low" ? "has no room" : "cannot be written")
                + "; `waiting` of the job names the folder. Other jobs go on, and so does this one "
                + "once it can write."
        }
    }

    /// Why a job waits, in a few words.
    package var summary: String {
        switch self {
        case .lowSpace: "the disk is low: downloads pause until there is room"
        case .lowInodes: "the disk has no room for further files: downloads pause until it has"
        case .changed:
            "the data folder is another one than before: downloads pause until that is confirmed "
                + "or the right one is mounted"
        case .unusable(let reason): "the data folder cannot be written: \(reason)"
        case .folder(_, let reason): reason
        }
    }
}
