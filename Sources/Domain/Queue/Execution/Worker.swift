// Makes one attempt at one file, and decides what its outcome means for the file, its job and the
// upstream.

import Concurrency
import Datasets
import Jobs

/// Turns attempts into results.
struct Worker: Sendable {
    /// The consequences of one attempt.
    struct Attempt: Equatable {
        /// What is recorded about the file.
        var result: AttemptResult
        /// Why the job's other files fail without a request.
        var fatalFailure: FileFailure?
        /// The pause that the upstream asked for.
        var pause: UpstreamPause?
        /// Why the disk could not take the file.
        var shortage: FileFailure?
        /// Whether the file is put back until the upstream's pause ends.
        var awaitsUpstream = false
    }

    /// The wait before a file that the disk could not take is tried again.
    static let storageRetryDelay = Duration.seconds(30)

    let downloader: any Downloading
    let retry: RetryPolicy
    let clock: any Timekeeping
    /// How long an attempt may go on after the request to stop.
    let grace: Duration
    /// From 0 to 1, at random.
    let jitter: @Sendable () -> Double

    /// Makes one attempt. Each of the signals cancels it at once, `stopping` after the grace.
    ///
    /// - Parameter admitted: see ``Downloading``.
    func attempt(
        _ record: FileRecord, to folder: String, context: DownloadContext,
        until stopping: ShutdownSignal, _ signals: [ShutdownSignal],
        admitted: @escaping @Sendable () -> Void
    ) async -> Attempt {
        if stopping.isFired || signals.contains(where: \.isFired) {
            return meaning(of: .interrupted, attempt: record.attempts + 1)
        }
        let (file, number) = (record.file, record.attempts + 1)
        let downloader = downloader
        let outcome = await ShutdownSignal.run(
            cancelledBy: stopping, after: grace, sleep: clock.sleep
        ) {
            await ShutdownSignal.run(cancelledBy: signals) {
                await downloader.download(
                    file, to: folder, attempt: number, context: context, admitted: admitted)
            }
        }
        // The file was published once, so that the upstream has none now is a failure.
        if record.expectedSHA256 != nil, case .unavailable(let failure) = outcome {
            return meaning(of: .failed(failure), attempt: number)
        }
        return meaning(of: outcome, attempt: number)
    }

    /// What the outcome of an attempt means.
    func meaning(of outcome: DownloadOutcome, attempt number: Int) -> Attempt {
        switch outcome {
        case .published(let checksum):
            return Attempt(result: .published(checksum))
        case .unavailable(let failure):
            return Attempt(result: .unavailable(failure))
        case .failed(let failure):
            return Attempt(result: .failed(failure))
        case .retry(let least, let failure):
            guard let wait = retry.wait(after: number, atLeast: least, jitter: jitter()) else {
                return Attempt(result: .failed(Worker.exhausted(failure, after: number)))
            }
            return Attempt(result: .retry(at: clock.now + wait, failure))
        case .stopJob(let failure):
            return Attempt(result: .failed(failure), fatalFailure: failure)
        case .pauseUpstream(let span, let failure):
            let moment = clock.now + span
            return Attempt(
                result: .released(notBefore: moment),
                pause: UpstreamPause(until: moment, reason: failure.detail))
        case .awaitSpace(let failure):
            return Attempt(
                result: .released(notBefore: clock.now + Worker.storageRetryDelay),
                shortage: failure)
        case .awaitUpstream:
            return Attempt(result: .released(notBefore: nil), awaitsUpstream: true)
        case .interrupted:
            return Attempt(result: .released(notBefore: nil))
        }
    }

    private static func exhausted(_ failure: FileFailure, after attempts: Int) -> FileFailure {
        var failure = failure
        failure.detail += " Given up after \(TextFormat.counted(attempts, "attempt"))."
        return failure
    }
}
