// One at a time per dataset: two jobs that want the same file must not write the same part file,
// nor fetch it twice, and files that pass for each other are not to be on their way together. It
// must not know what is done in a turn.

import Concurrency
import Datasets
import Jobs
import Synchronization

/// Turns, first come, first served.
final class FileLock: Sendable {
    private let semaphore = KeyedSemaphore<DatasetFile, Never>(limit: 1)

    /// Runs the body when nobody else has the file, or the one that passes for it.
    ///
    /// - Returns: `nil` when the task was cancelled while it waited.
    func alone<Result>(with file: DatasetFile, _ body: () async -> Result) async -> Result? {
        let pair = [file, file.lookalike ?? file]
        let first = pair.min { $0.dataType.name < $1.dataType.name } ?? file
        guard case .acquired = await semaphore.acquire(first) else { return nil }
        defer { semaphore.release(first) }
        return await body()
    }
}

extension DatasetFile {
    /// The file that has the same columns, and rows of the same exchange, symbol and day.
    var lookalike: DatasetFile? {
        let other: DataType
        switch dataType {
        case .trades: other = .liquidations
        case .liquidations: other = .trades
        case .quotes: other = .bookTicker
        case .bookTicker: other = .quotes
        default: return nil
        }
        return DatasetFile(exchange: exchange, dataType: other, day: day, symbol: symbol)
    }
}

/// Remembers what was asked for, to tell which file could be mistaken for one of those.
final class AmbiguousDatasets: Sendable {
    /// Hashes: one that is another file's by chance costs a new connection.
    private let asked = Mutex<Set<Int>>([])

    /// Files remembered at most, in a megabyte; beyond it all are forgotten.
    private static let countMax = 65_536

    /// Remembers that a file is asked for.
    ///
    /// - Returns: whether an answer that was meant for another file may pass for it. That of a
    ///   grouped symbol has rows of any symbol.
    func ask(for file: DatasetFile) -> Bool {
        guard let lookalike = file.lookalike else { return groupedSymbols.contains(file.symbol) }
        return asked.withLock { asked in
            if asked.count >= Self.countMax { asked.removeAll(keepingCapacity: true) }
            asked.insert(file.hashValue)
            return asked.contains(lookalike.hashValue)
        } || groupedSymbols.contains(file.symbol)
    }
}

/// Remembers when one request was last answered with another one's file: the connection goes on
/// answering like that, and nobody says which one it is.
final class ConnectionTrust: Sendable {
    /// By then curl has closed a connection that nobody has used since: a little more than
    /// the lifetime of an idle connection in `TransferOptions`.
    private static let lifetime = Duration.seconds(60)

    private let latest = Mutex<Timestamp?>(nil)

    func raise(at now: Timestamp) {
        latest.withLock { $0 = now }
    }

    func areRaised(at now: Timestamp) -> Bool {
        guard let latest = latest.withLock({ $0 }) else { return false }
        // The wall clock may have been set back.
        return now >= latest && now - latest < ConnectionTrust.lifetime
    }
}

/// Remembers the first "not found" of files that are between two attempts, so that the second is
/// known as such, whatever came in between.
final class NotFoundCache: Sendable {
    /// Files remembered at most; beyond it all are forgotten, and asked for once more.
    private static let countMax = 4096

    private let files = Mutex<Set<TargetFile>>([])

    func remember(_ file: TargetFile) {
        files.withLock { files in
            if files.count >= NotFoundCache.countMax { files.removeAll(keepingCapacity: true) }
            files.insert(file)
        }
    }

    func contains(_ file: TargetFile) -> Bool {
        files.withLock { $0.contains(file) }
    }

    func forget(_ file: TargetFile) {
        files.withLock { _ = $0.remove(file) }
    }
}

/// Remembers whole bodies that were refused, so that one that comes again is known.
final class RefusedBodies: Sendable {
    /// Bodies remembered at most; beyond it all are forgotten, and fetched once more.
    private static let countMax = 4096

    private struct Body: Hashable {
        let file: DatasetFile
        let sha256: String
    }

    private let bodies = Mutex<Set<Body>>([])

    /// - Returns: whether the same bytes have been refused as this file before.
    func remember(_ sha256: String, of file: DatasetFile) -> Bool {
        bodies.withLock { bodies in
            if bodies.count >= RefusedBodies.countMax { bodies.removeAll(keepingCapacity: true) }
            return !bodies.insert(Body(file: file, sha256: sha256)).inserted
        }
    }
}

/// Remembers published files until the store has heard of them, so that a job that waited for
/// another one's transfer finds its file.
final class RecentPublications: Sendable {
    /// Files remembered at most; beyond it all are forgotten. By then the store knows them.
    private static let countMax = 4096

    private let copies = Mutex<[DatasetFile: PublishedCopy]>([:])

    func remember(_ file: DatasetFile, _ copy: PublishedCopy) {
        copies.withLock { copies in
            if copies.count >= RecentPublications.countMax {
                copies.removeAll(keepingCapacity: true)
            }
            copies[file] = copy
        }
    }

    func copy(of file: DatasetFile) -> PublishedCopy? {
        copies.withLock { $0[file] }
    }
}
