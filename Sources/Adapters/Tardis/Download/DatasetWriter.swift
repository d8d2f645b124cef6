// One file on its way to the disk: proven and written in the same pass, published or gone. It must
// not know the network.

import Datasets
import Gzip
import Jobs
import Posix

/// Why a file was not published.
enum WriteProblem: Error {
    /// It is not what it should be.
    case content(Refusal)
    case disk(SystemError)
    /// There is no room for it, as the reserve has it or, where it was asked, the disk itself.
    case noRoom(RoomLack, SystemError?)
    /// It might be the answer to somebody else's request.
    case inDoubt

    /// Whether what came is a file, but not the one that was asked for.
    var isAnotherFile: Bool {
        guard case .content(let refusal) = self else { return false }
        return [
            "csv_header_wrong", "wrong_exchange", "wrong_symbol", CSVValidator.namesakeCode,
            "wrong_day",
        ].contains(refusal.failure.code)
    }
}

/// Writes and proves one file as it arrives. Confined to one proof queue, and at last to the queue
/// that publishes it.
final class DatasetWriter {
    private(set) var problem: WriteProblem?
    /// Bytes taken so far.
    private(set) var bytes: Int64 = 0
    private let file: DatasetFile
    private let folder: ConfinedFolder
    private let fileBytesMax: Int64
    private let gzipLimits: GzipLimits
    private let share: RoomShare
    private var part: AtomicFile?
    private var proof: DatasetVerifier?

    /// - Parameter room: nothing is written where it has none.
    init(
        _ file: DatasetFile, in folder: ConfinedFolder, settings: TardisSettings, room: WritingRoom
    ) {
        self.file = file
        self.folder = folder
        fileBytesMax = settings.fileBytesMax
        gzipLimits = settings.gzipLimits
        share = room.share(of: folder)
        proof = DatasetVerifier(of: file, fileBytesMax: fileBytesMax, gzipLimits: gzipLimits)
    }

    /// An answer begins to come.
    ///
    /// - Parameters:
    ///   - bytes: how many it announces; `nil` where it does not say.
    ///   - isSaidToBePage: whether its head calls it a web page. A mirror may do so wrongly: only
    ///     what is no dataset is taken for one.
    /// - Returns: whether there is room for it.
    func begin(announcing bytes: Int64?, isSaidToBePage: Bool = false) -> Bool {
        guard problem == nil else { return false }
        if isSaidToBePage, self.bytes == 0 {
            proof = DatasetVerifier(
                of: file, fileBytesMax: fileBytesMax, gzipLimits: gzipLimits, isSaidToBePage: true)
        }
        do throws(RoomLack) {
            // What is too large anyway is refused for that.
            try share.begin(announcing: bytes.flatMap { $0 > fileBytesMax ? nil : $0 })
            return true
        } catch {
            return give(up: .noRoom(error, nil))
        }
    }

    /// Nothing more comes for now.
    func rest() {
        share.rest()
    }

    /// Takes the next bytes; the first ones open the part file.
    ///
    /// - Returns: whether more are wanted.
    func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard problem == nil else { return false }
        do throws(FileFailure) {
            // Proven first: what is no gzip at all never touches the disk.
            try proof?.take(bytes)
        } catch {
            return give(up: .content(Refusal(failure: error)))
        }
        self.bytes += Int64(bytes.count)
        if proof?.flaw != nil {
            // A refused file is never read: the rest is received only to be hashed.
            part = nil
            share.rest()
            return true
        }
        do throws(WriteProblem) {
            try share.write(bytes.count) { () throws(SystemError) in
                if part == nil { part = try AtomicFile(replacing: file.name, in: folder) }
                try part?.write(bytes)
            }
        } catch {
            return give(up: error)
        }
        return true
    }

    /// Says that the file is complete.
    ///
    /// - Parameters:
    ///   - required: SHA-256 that it must have; `nil` where anything proven will do.
    ///   - isBelieved: whether a file that is right to every byte is taken for this one.
    /// - Returns: the proof, if every byte is right; ``publish()`` is to follow.
    func conclude(
        requiring required: String? = nil,
        where isBelieved: (FileChecksum) -> Bool = { _ in true }
    ) -> Result<FileChecksum, WriteProblem> {
        if let problem { return .failure(problem) }
        guard let proof = proof.take() else {
            preconditionFailure("a file is concluded once")
        }
        do throws(Refusal) {
            let found = try proof.finish()
            guard isBelieved(found) else {
                _ = give(up: .inDoubt)
                return .failure(.inDoubt)
            }
            if let required, found.sha256 != required {
                throw Refusal(
                    failure: .changedUpstream(recorded: required, now: found.sha256))
            }
            return .success(found)
        } catch {
            _ = give(up: .content(error))
            return .failure(.content(error))
        }
    }

    /// Syncs what was concluded and gives it its name. That lasts only when the folder has been
    /// synced too, which is left to the caller.
    func publish() -> Result<Void, WriteProblem> {
        precondition(problem == nil && proof == nil, "only what is proven is published")
        do throws(SystemError) {
            try part.take()?.publish(syncsFolder: false)
            share.rest()
            return .success(())
        } catch {
            let reason = share.problem(error)
            _ = give(up: reason)
            return .failure(reason)
        }
    }

    /// Removes what was written.
    func abandon() {
        part = nil
        proof = nil
        share.rest()
    }

    private func give(up reason: WriteProblem) -> Bool {
        problem = reason
        abandon()
        return false
    }
}
