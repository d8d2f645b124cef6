// One at a time per dataset: two jobs that want the same file must not write the same part file,
// nor fetch it twice. It must not know what is done in a turn.

import Datasets

/// Turns, first come, first served.
final class FileTurns: Sendable {
    private let turnstile = Turnstile<DatasetFile, Never>(room: 1)

    /// Runs the body when nobody else has the file.
    ///
    /// - Returns: `nil` when the task was cancelled while it waited.
    func alone<Result>(with file: DatasetFile, _ body: () async -> Result) async -> Result? {
        guard case .entered = await turnstile.enter(file) else { return nil }
        defer { turnstile.leave(file) }
        return await body()
    }
}
