// A file that another job has published: brought here if it is still what it was. It must not know
// the network.

import Concurrency
import Datasets
import Glibc
import Jobs
import Posix

/// A published file in another folder below the data root.
struct LinkedCopy {
    private let file: DatasetFile
    private let copy: PublishedCopy
    private let root: DataRoot
    private let settings: TardisSettings
    private let room: WritingRoom

    private static let bufferBytes = 256 * 1024

    init(
        _ file: DatasetFile, _ copy: PublishedCopy, below root: DataRoot, settings: TardisSettings,
        room: WritingRoom
    ) {
        self.file = file
        self.copy = copy
        self.root = root
        self.settings = settings
        self.room = room
    }

    /// Proves the copy byte by byte and gives it the file's name in a folder, by a hard link, or by
    /// copying where that fails, for whatever reason: some file systems cannot link, some count
    /// links, some forbid them, and each has its own error for it. Blocks.
    ///
    /// - Parameter linking: gives a file of the first folder the same name in the second one.
    /// - Returns: the proof; `nil` where the copy is gone, is something else now, or cannot be
    ///   read; a problem where it cannot be written.
    func bring(
        to folder: ConfinedFolder, stop: CancellationFlag,
        linking: (String, ConfinedFolder, ConfinedFolder) throws(SystemError) -> Void = {
            (name, source, folder) throws(SystemError) in try folder.link(name, from: source)
        }
    ) -> Result<FileChecksum, WriteProblem>? {
        guard let path = try? OutputPath(copy.folder, below: root),
            let source = try? ConfinedFolder(root: root.text, creating: false)
                .folder(path.components.joined(separator: "/"), creating: false),
            case .proven(var proof) = try? ExistingFile.look(
                for: file, in: source, settings: settings, stop: stop),
            proof.sha256 == copy.sha256
        else { return nil }
        proof.origin = .link
        if (try? linking(file.name, source, folder)) != nil { return .success(proof) }
        switch copyBytes(from: source, to: folder) {
        case .success?: return .success(proof)
        case .failure(let problem)?: return .failure(problem)
        case nil: return nil
        }
    }

    /// Proves what it copies: the file may be another one by now.
    private func copyBytes(
        from source: ConfinedFolder, to folder: ConfinedFolder
    ) -> Result<Void, WriteProblem>? {
        guard let stored = try? source.file(file.name) else { return nil }
        let writer = DatasetWriter(file, in: folder, settings: settings, room: room)
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
        case .success(let proof) where proof.sha256 == copy.sha256: break
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
