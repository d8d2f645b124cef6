// A problem of the data root in words: for waiting jobs, for health, for the team.

import Datasets

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

    /// What is wrong and what to do, in sentences; without a path, since everybody may read it.
    package var sentences: String {
        switch self {
        case .lowSpace(let free, let reserve) where free >= reserve:
            "The data folder's disk has \(TextFormat.bytes(free)) left. What was put back filled more "
                + "than that, down to the reserve of \(TextFormat.bytes(reserve)) (DISK_RESERVE). "
                + "Make room; downloads go on by themselves, for another try after ten minutes at "
                + "most."
        case .lowSpace(let free, let reserve):
            "The data folder's disk has \(TextFormat.bytes(free)) left, less than the reserve of "
                + "\(TextFormat.bytes(reserve)) (DISK_RESERVE). Make room; downloads go on by "
                + "themselves."
        case .lowInodes(let free):
            "The data folder's file system has room for \(TextFormat.counted(Int(clamping: free), "file")) "
                + "more (inodes; `df -i` shows them), however small. Remove files that are not "
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
