// How an attempt at a file ended, as the queue has it recorded.

package import Datasets

/// How one attempt at a file ended.
package enum AttemptResult: Hashable, Sendable {
    /// Published: `ok` or `empty`, as its proof says.
    case published(FileChecksum)
    /// There is no such file, and the catalogue confirms it.
    case unavailable(FileFailure)
    /// Given up.
    case failed(FileFailure)
    /// To be tried again, not before the given moment; the attempt counts.
    case retry(at: Timestamp, FileFailure)
    /// Put back as if never claimed; `notBefore` where the whole upstream rests.
    case released(notBefore: Timestamp?)
}
