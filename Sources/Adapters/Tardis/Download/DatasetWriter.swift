// One file on its way to the disk: verified and written in the same pass, then published or
// removed.

import Datasets
import Glibc
import Gzip
import Jobs
import Posix

/// Why a file was not published.
enum WriteProblem: Error {
    /// It is not the file.
    case content(Refusal)
    case disk(SystemError)
    /// There is no space for it: because of the reserve, or as the disk's own error says.
    case noSpace(SpaceShortage, SystemError?)
    /// It may be the response to another request.
    case ambiguous

    /// Whether the content is a dataset file, but not the requested one.
    var isAnotherFile: Bool {
        guard case .content(let refusal) = self else { return false }
        return [
            "csv_header_wrong", "wrong_exchange", "wrong_symbol", CSVValidator.namesakeCode,
            "wrong_day",
        ].contains(refusal.failure.code)
    }
}

/// Writes and verifies one file as it arrives. Confined to one work queue, and at last to the queue
/// that publishes it.
final class DatasetWriter {
    private(set) var problem: WriteProblem?
    /// Bytes taken so far.
    private(set) var bytes: Int64 = 0
    private let file: DatasetFile
    private let folder: ConfinedFolder
    private let fileBytesMax: Int64
    private let gzipLimits: GzipLimits
    private let reservation: SpaceReservation
    private var part: AtomicFile?
    private var verifier: DatasetVerifier?

    /// - Parameter space: limits what is written.
    init(
        _ file: DatasetFile, in folder: ConfinedFolder, settings: TardisSettings, space: DiskReserve
    ) {
        self.file = file
        self.folder = folder
        fileBytesMax = settings.fileBytesMax
        gzipLimits = settings.gzipLimits
        reservation = space.reservation(in: folder)
        verifier = DatasetVerifier(of: file, fileBytesMax: fileBytesMax, gzipLimits: gzipLimits)
    }

    /// Begins with a response.
    ///
    /// - Parameters:
    ///   - bytes: how many it announces; `nil` if it does not say.
    ///   - claimsWebPage: whether its head calls it a web page. A mirror may do so wrongly: only
    ///     what is no dataset counts as one.
    /// - Returns: whether there is space for it.
    func begin(announcing bytes: Int64?, claimsWebPage: Bool = false) -> Bool {
        guard problem == nil else { return false }
        if claimsWebPage, self.bytes == 0 {
            verifier = DatasetVerifier(
                of: file, fileBytesMax: fileBytesMax, gzipLimits: gzipLimits, claimsWebPage: true)
        }
        if let bytes, let limit = FileSizeLimit.current, bytes > limit {
            return fail(.disk(SystemError(call: "write", code: EFBIG)))
        }
        do throws(SpaceShortage) {
            // A file that is too large is refused for its size, not for lack of space.
            try reservation.begin(announcing: bytes.flatMap { $0 > fileBytesMax ? nil : $0 })
            return true
        } catch {
            return fail(.noSpace(error, nil))
        }
    }

    /// Returns reserved space: no more bytes arrive for now.
    func pause() {
        reservation.end()
    }

    /// Takes the next bytes; the first ones open the part file.
    ///
    /// - Returns: whether more are wanted.
    func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard problem == nil else { return false }
        do throws(FileFailure) {
            // Verified first: what is no gzip at all never touches the disk.
            try verifier?.take(bytes)
        } catch {
            return fail(.content(Refusal(failure: error)))
        }
        self.bytes += Int64(bytes.count)
        if verifier?.flaw != nil {
            // A refused file is never read: the rest is received only to be hashed.
            part = nil
            reservation.end()
            return true
        }
        do throws(WriteProblem) {
            try reservation.write(bytes.count) { () throws(SystemError) in
                if part == nil { part = try AtomicFile(replacing: file.name, in: folder) }
                try part?.write(bytes)
            }
        } catch {
            return fail(error)
        }
        return true
    }

    /// Verifies the complete file.
    ///
    /// - Parameters:
    ///   - required: the SHA-256 that it must have; `nil` if any proven file is accepted.
    ///   - isBelieved: whether a file that is right to every byte counts as the requested one.
    /// - Returns: its checksum if every byte is right; ``publish()`` must follow.
    func conclude(
        requiring required: String? = nil,
        where isBelieved: (FileChecksum) -> Bool = { _ in true }
    ) -> Result<FileChecksum, WriteProblem> {
        if let problem { return .failure(problem) }
        guard let verifier = verifier.take() else {
            preconditionFailure("a file is concluded once")
        }
        do throws(Refusal) {
            let found = try verifier.finish()
            guard isBelieved(found) else {
                _ = fail(.ambiguous)
                return .failure(.ambiguous)
            }
            if let required, found.sha256 != required {
                throw Refusal(
                    failure: .changedUpstream(recorded: required, now: found.sha256))
            }
            return .success(found)
        } catch {
            _ = fail(.content(error))
            return .failure(.content(error))
        }
    }

    /// Syncs the concluded file and gives it its name, which is durable only after the caller has
    /// synced the folder.
    func publish() -> Result<Void, WriteProblem> {
        precondition(problem == nil && verifier == nil, "only a proven file is published")
        do throws(SystemError) {
            try part.take()?.publish(syncsFolder: false)
            reservation.end()
            return .success(())
        } catch {
            let reason = reservation.problem(error)
            _ = fail(reason)
            return .failure(reason)
        }
    }

    /// Removes what was written.
    func discard() {
        part = nil
        verifier = nil
        reservation.end()
    }

    private func fail(_ reason: WriteProblem) -> Bool {
        problem = reason
        discard()
        return false
    }
}
