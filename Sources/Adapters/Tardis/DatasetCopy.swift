// A file that another job has published: brought here if it is still what it was. It must not know
// the network.

import Datasets
import Glibc
import Jobs
import Posix

/// A published file in another folder below the data root.
struct DatasetCopy {
    private let file: DatasetFile
    private let copy: PublishedCopy
    private let root: DataRoot
    private let settings: TardisSettings

    private static let bufferBytes = 256 * 1024

    init(_ file: DatasetFile, _ copy: PublishedCopy, below root: DataRoot, settings: TardisSettings)
    {
        self.file = file
        self.copy = copy
        self.root = root
        self.settings = settings
    }

    /// Proves the copy byte by byte and gives it the file's name in a folder, by a hard link, or by
    /// copying where the file system cannot link. Blocks.
    ///
    /// - Returns: the proof; `nil` where the copy is gone, is something else now, or cannot be
    ///   brought: the file can still be fetched.
    func bring(to folder: ConfinedFolder, stop: StopFlag) -> FileProof? {
        guard let path = try? OutputPath(copy.folder, below: root),
            let source = try? ConfinedFolder(root: root.text, creating: false)
                .folder(path.components.joined(separator: "/"), creating: false),
            case .proven(var proof) = try? StoredDataset.look(
                for: file, in: source, settings: settings, stop: stop),
            proof.sha256 == copy.sha256
        else { return nil }
        guard (try? link(from: source, to: folder)) == true else { return nil }
        proof.origin = .link
        return proof
    }

    /// - Returns: whether the file has its name here now.
    private func link(
        from source: ConfinedFolder, to folder: ConfinedFolder
    ) throws(SystemError) -> Bool {
        do throws(SystemError) {
            try folder.link(file.name, from: source)
            return true
        } catch {
            guard [EXDEV, EPERM, EMLINK, ENOTSUP].contains(error.code) else { throw error }
            return try copyBytes(from: source, to: folder)
        }
    }

    /// Proves what it copies: the file may be another one by now.
    private func copyBytes(
        from source: ConfinedFolder, to folder: ConfinedFolder
    ) throws(SystemError) -> Bool {
        guard let stored = try source.file(file.name) else { return false }
        let writer = DatasetWriter(file, in: folder, settings: settings)
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: DatasetCopy.bufferBytes, alignment: 64)
        defer { buffer.deallocate() }
        while true {
            let count = try stored.read(into: buffer)
            guard count > 0 else { break }
            guard writer.take(UnsafeRawBufferPointer(rebasing: buffer[..<count])) else {
                return false
            }
        }
        guard case .success(let proof) = writer.conclude(), proof.sha256 == copy.sha256,
            case .success = writer.publish()
        else { return false }
        try folder.sync()
        return true
    }
}
