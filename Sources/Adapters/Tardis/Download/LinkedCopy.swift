// A file that another job has published, linked or copied instead of downloaded again.

import Concurrency
import Datasets
import Glibc
import Jobs
import Posix

/// A published file in another folder below the data root.
struct LinkedCopy {
    let file: DatasetFile
    let copy: PublishedCopy
    let root: DataRoot
    let settings: TardisSettings
    let space: DiskReserve

    private static let bufferBytes = 256 * 1024

    /// Verifies the copy byte by byte and gives it the file's name in a folder: by a hard link, or
    /// by copying if that fails for any reason. Some file systems cannot link, some limit or forbid
    /// links, and each has its own error for it. Blocks.
    ///
    /// - Parameter linking: gives a file of the first folder the same name in the second one.
    /// - Returns: its checksum; `nil` if the copy is gone, has changed, or cannot be read; a
    ///   problem if it cannot be written.
    func make(
        in folder: ConfinedFolder, stop: CancellationFlag,
        linking: (String, ConfinedFolder, ConfinedFolder) throws(SystemError) -> Void = {
            (name, source, folder) throws(SystemError) in try folder.link(name, from: source)
        }
    ) -> Result<FileChecksum, WriteProblem>? {
        guard let path = try? OutputPath(copy.folder, below: root),
            let source = try? ConfinedFolder(root: root.text, creating: false)
                .folder(path.components.joined(separator: "/"), creating: false),
            case .proven(var checksum) = try? ExistingFile.find(
                file, in: source, settings: settings, stop: stop),
            checksum.sha256 == copy.sha256
        else { return nil }
        checksum.origin = .link
        if (try? linking(file.name, source, folder)) != nil { return .success(checksum) }
        return copyBytes(from: source, to: folder)?.map { checksum }
    }

    /// Verifies what it copies: the file may have been replaced since.
    private func copyBytes(
        from source: ConfinedFolder, to folder: ConfinedFolder
    ) -> Result<Void, WriteProblem>? {
        guard let stored = try? source.file(file.name) else { return nil }
        let writer = DatasetWriter(file, in: folder, settings: settings, space: space)
        guard writer.begin(announcing: stored.size) else {
            return writer.problem.map { .failure($0) }
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: LinkedCopy.bufferBytes, alignment: 64)
        defer { buffer.deallocate() }
        while true {
            guard let count = try? stored.read(into: buffer) else { return nil }
            guard count > 0 else { break }
            guard writer.take(UnsafeRawBufferPointer(rebasing: buffer[..<count])) else {
                return writer.problem.map { .failure($0) }
            }
        }
        switch writer.conclude() {
        case .success(let checksum) where checksum.sha256 == copy.sha256: break
        case .success, .failure: return nil
        }
        if case .failure(let problem) = writer.publish() { return .failure(problem) }
        do throws(SystemError) {
            try folder.sync()
            return .success(())
        } catch {
            return .failure(.disk(error))
        }
    }
}
