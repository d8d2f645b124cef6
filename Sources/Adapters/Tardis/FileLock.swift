// One at a time per dataset: two jobs that want the same file must not write the same part file,
// nor fetch it twice, and files that pass for each other are not to be on their way together. It
// must not know what is done in a turn.

import Datasets

/// Turns, first come, first served.
final class FileLock: Sendable {
    private let turnstile = KeyedSemaphore<DatasetFile, Never>(room: 1)

    /// Runs the body when nobody else has the file, or the one that passes for it.
    ///
    /// - Returns: `nil` when the task was cancelled while it waited.
    func alone<Result>(with file: DatasetFile, _ body: () async -> Result) async -> Result? {
        let pair = [file, file.lookalike ?? file]
        let first = pair.min { $0.dataType.name < $1.dataType.name } ?? file
        guard case .entered = await turnstile.enter(first) else { return nil }
        defer { turnstile.leave(first) }
        return await body()
    }
}
