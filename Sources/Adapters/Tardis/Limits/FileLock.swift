// Which files exclude each other: rows name their exchange, symbol and day, but not their data
// type, and two pairs of types have the same columns. A response for one file of such a pair passes
// for the other one.

import Concurrency
import Datasets
import Synchronization

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

/// One task at a time per dataset file and its lookalike, first come, first served: two jobs that
/// want the same file must not write the same part file, nor download it twice.
final class FileLock: Sendable {
    private let semaphore = KeyedSemaphore<DatasetFile, Never>(limit: 1)

    /// Runs the body while no other task holds the file or its lookalike.
    ///
    /// - Returns: `nil` if the task was cancelled while it waited.
    func withLock<Result>(on file: DatasetFile, _ body: () async -> Result) async -> Result? {
        let pair = [file, file.lookalike ?? file]
        let first = pair.min { $0.dataType.name < $1.dataType.name } ?? file
        guard case .acquired = await semaphore.acquire(first) else { return nil }
        defer { semaphore.release(first) }
        return await body()
    }
}

/// Remembers which files were requested, to tell which response could be another file's.
final class AmbiguousDatasets: Sendable {
    /// Hashes, a megabyte of them: a collision costs a new connection.
    private let requested = BoundedCache<Int, Void>(countMax: 65_536)

    /// Records a request for a file.
    ///
    /// - Returns: whether the response to an earlier request may pass for this file. That for a
    ///   grouped symbol has rows of any symbol.
    func recordRequest(for file: DatasetFile) -> Bool {
        if groupedSymbols.contains(file.symbol) { return true }
        guard let lookalike = file.lookalike else { return false }
        requested.insert(file.hashValue)
        return requested.contains(lookalike.hashValue)
    }
}

/// Remembers when a request was last answered with another request's file: that connection goes on
/// answering like that, and it is not known which one it is.
final class ConnectionTrust: Sendable {
    /// By then curl has closed an idle connection: a little more than the lifetime of one in
    /// `TransferOptions`.
    private static let lifetime = Duration.seconds(60)

    private let lastMismatch = Mutex<Timestamp?>(nil)

    func recordMismatch(at now: Timestamp) {
        lastMismatch.withLock { $0 = now }
    }

    /// Whether connections that were used before cannot be trusted.
    func isDoubted(at now: Timestamp) -> Bool {
        guard let last = lastMismatch.withLock({ $0 }) else { return false }
        // The wall clock may have been set back.
        return now >= last && now - last < ConnectionTrust.lifetime
    }
}
