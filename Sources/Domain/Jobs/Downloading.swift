// What the queue needs from whatever fetches datasets. It must not know HTTP.

package import Datasets

/// Fetches and proves dataset files.
package protocol Downloading: Sendable {
    /// Makes one attempt to have the file, proven, under its name in the folder.
    ///
    /// A file that stands there already and is proven from disk counts as published without a
    /// request. Cancelling the task stops the transfer; the answer is then
    /// ``DownloadOutcome/interrupted``.
    ///
    /// - Parameters:
    ///   - folder: the job's ``Job/outputPath``.
    ///   - attempt: 1 for the first, 2 for the next …
    ///   - hints: what is known of the file. One that is at hand elsewhere below the data root, and
    ///     proven there, is linked instead of fetched.
    ///   - admitted: called at most once, from any thread, as soon as what the upstream sends is
    ///     plainly a file: long before the last byte of a large one, whoever asked for it is known
    ///     to be let in.
    func download(
        _ file: DatasetFile, to folder: String, attempt: Int, hints: DownloadContext,
        admitted: @escaping @Sendable () -> Void
    ) async -> DownloadOutcome

    /// Says that a job has ended, or is not to run for now: nothing needs to be kept for a further
    /// attempt at its files.
    func forget(filesOf job: Job)
}

extension Downloading {
    /// Keeps nothing, so forgets nothing.
    package func forget(filesOf job: Job) {}

    /// An attempt of which nobody wants to know how it begins.
    package func download(
        _ file: DatasetFile, to folder: String, attempt: Int,
        hints: DownloadContext = DownloadContext()
    ) async -> DownloadOutcome {
        await download(file, to: folder, attempt: attempt, hints: hints, admitted: {})
    }
}
