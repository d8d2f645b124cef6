// A file that stands under its name already: proven from disk, byte by byte, before it counts. It
// must not know the network.

import Concurrency
import Datasets
import Glibc
import Jobs
import Posix
import Synchronization

/// What stands under a file's name.
enum ExistingFile {
    case none
    case proven(FileChecksum)
    /// It is not what it should be, and is to be fetched anew.
    case refused(FileFailure)
    /// Nobody waits for the answer any more.
    case stopped

    private static let readBytes = 256 * 1024

    /// Looks, on a queue that may block. What is proven is durable too, whoever wrote it.
    ///
    /// - Throws: ``SystemError``: EISDIR where a folder has the name.
    static func look(
        for file: DatasetFile, in folder: ConfinedFolder, settings: TardisSettings,
        stop: CancellationFlag
    ) throws(SystemError) -> ExistingFile {
        guard let entry = try folder.status(of: file.name) else { return .none }
        if entry.isFolder { throw SystemError(call: "openat", code: EISDIR) }
        // A link, a pipe or what else there is gives way to the file.
        guard entry.isRegularFile else { return .none }
        do throws(SystemError) {
            guard let stored = try folder.file(file.name) else { return .none }
            let proof = DatasetVerifier(
                of: file, fileBytesMax: settings.fileBytesMax, gzipLimits: settings.gzipLimits)
            let found = try prove(stored, by: proof, stop: stop)
            if case .proven = found {
                // The process that wrote it may have died before its last sync.
                try stored.sync()
                try folder.sync()
            }
            return found
        } catch {
            return .refused(
                FileFailure(code: "unreadable", detail: "\(file.name) cannot be read: \(error)."))
        }
    }

    private static func prove(
        _ stored: borrowing StoredFile, by proof: consuming DatasetVerifier, stop: CancellationFlag
    ) throws(SystemError) -> ExistingFile {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: readBytes, alignment: 64)
        defer { buffer.deallocate() }
        while !stop.isRaised {
            let count = try stored.read(into: buffer)
            guard count > 0 else {
                do throws(Refusal) {
                    var found = try proof.finish()
                    found.origin = .disk
                    return .proven(found)
                } catch {
                    return .refused(error.failure)
                }
            }
            do throws(FileFailure) {
                try proof.take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            } catch {
                return .refused(error)
            }
            if let flaw = proof.flaw { return .refused(flaw) }
        }
        return .stopped
    }

    /// Puts a file aside that is not what it was when it was proven last: whoever wonders what has
    /// become of it shall find it.
    func held(
        against sha256: String, _ file: DatasetFile, in folder: ConfinedFolder
    ) throws(SystemError) -> ExistingFile {
        let refusal: FileFailure
        switch self {
        case .proven(let proof) where proof.sha256 == sha256: return self
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

    /// What the name of a file carries that was put aside.
    static let quarantineSuffix = ".quarantine"
}

/// Remembers what was put aside until the file is there again: by then nothing on the disk tells a
/// damaged file from a missing one.
final class QuarantinedFiles: Sendable {
    /// Files remembered at most; beyond it all are forgotten, and count as missing.
    private static let countMax = 4096

    private let files = Mutex<Set<TargetFile>>([])

    /// How a file was found that is to be verified; `nil` where it is what it was.
    func finding(_ stored: ExistingFile, of file: TargetFile) -> FileFinding? {
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
