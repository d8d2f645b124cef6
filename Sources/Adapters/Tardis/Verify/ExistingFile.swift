// A file that exists already under its name: verified from disk, byte by byte, before it counts.

import Concurrency
import Datasets
import Glibc
import Jobs
import Posix

/// What has a file's name on disk.
enum ExistingFile {
    case none
    case proven(FileChecksum)
    /// It is not the file, which must be downloaded again.
    case refused(FileFailure)
    /// The task was cancelled.
    case stopped

    private static let readBytes = 256 * 1024

    /// Finds and verifies a file. Blocks. A proven file is synced, too: the process that wrote it
    /// may have died before its last sync.
    ///
    /// - Throws: ``SystemError``: EISDIR where a folder has the name.
    static func find(
        _ file: DatasetFile, in folder: ConfinedFolder, settings: TardisSettings,
        stop: CancellationFlag
    ) throws(SystemError) -> ExistingFile {
        guard let entry = try folder.status(of: file.name) else { return .none }
        if entry.isFolder { throw SystemError(call: "openat", code: EISDIR) }
        // A link, a pipe or the like is replaced by the file.
        guard entry.isRegularFile else { return .none }
        do throws(SystemError) {
            guard let stored = try folder.file(file.name) else { return .none }
            let verifier = DatasetVerifier(
                of: file, fileBytesMax: settings.fileBytesMax, gzipLimits: settings.gzipLimits)
            let found = try verify(stored, by: verifier, stop: stop)
            if case .proven = found {
                try stored.sync()
                try folder.sync()
            }
            return found
        } catch {
            return .refused(
                FileFailure(code: "unreadable", detail: "\(file.name) cannot be read: \(error)."))
        }
    }

    private static func verify(
        _ stored: borrowing StoredFile, by verifier: consuming DatasetVerifier,
        stop: CancellationFlag
    ) throws(SystemError) -> ExistingFile {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: readBytes, alignment: 64)
        defer { buffer.deallocate() }
        while !stop.isRaised {
            let count = try stored.read(into: buffer)
            guard count > 0 else {
                do throws(Refusal) {
                    var found = try verifier.finish()
                    found.origin = .disk
                    return .proven(found)
                } catch {
                    return .refused(error.failure)
                }
            }
            do throws(FileFailure) {
                try verifier.take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            } catch {
                return .refused(error)
            }
            if let flaw = verifier.flaw { return .refused(flaw) }
        }
        return .stopped
    }

    /// Renames a file that is not what it was when it was last proven, so that its owner can
    /// examine it.
    func quarantined(
        unless sha256: String, _ file: DatasetFile, in folder: ConfinedFolder
    ) throws(SystemError) -> ExistingFile {
        let refusal: FileFailure
        switch self {
        case .proven(let checksum) where checksum.sha256 == sha256: return self
        case .proven:
            refusal = FileFailure(
                code: "changed", detail: "\(file.name) is another file than was proven before.")
        case .refused(let failure): refusal = failure
        case .none, .stopped: return self
        }
        try folder.rename(file.name, to: file.name + ExistingFile.quarantineSuffix)
        try folder.sync()
        return .refused(refusal)
    }

    private static let quarantineSuffix = ".quarantine"
}
