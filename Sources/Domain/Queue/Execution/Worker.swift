// Makes one attempt at one file, and decides what its outcome means for the file, its job and the
// upstream. It must not know how files are fetched or kept.

import Concurrency
import Datasets
import Jobs

/// Turns attempts into endings.
struct Worker: Sendable {
    /// What one attempt came to.
    struct Attempt: Equatable {
        /// What is recorded about the file.
        var ending: AttemptResult
        /// Why the job's other files are not worth asking for.
        var stop: FileFailure?
        /// Until when nobody should be asked for anything, and why.
        var park: Park?
        /// Why there was no room for the file.
        var lack: Lack?
    }

    struct Park: Equatable {
        var until: Timestamp
        var reason: FileFailure
    }

    /// Room that was missing on the disk.
    struct Lack: Equatable {
        /// What has to be free before anything is begun; `nil` where other files may go on.
        var neededBytes: Int64?
        var reason: FileFailure
    }

    /// How long a file for which there is no room waits before it is tried again.
    static let roomWait = Duration.seconds(30)

    let downloader: any Downloading
    let retry: RetryPolicy
    let clock: any Timekeeping
    /// How long an attempt may go on after the word to stop.
    let grace: Duration
    /// From 0 to 1, at random.
    let jitter: @Sendable () -> Double

    /// Makes one attempt; any of the signals cuts it short, the word to stop after the grace.
    ///
    /// - Parameter admitted: see ``Downloading``.
    func attempt(
        _ record: FileRecord, to folder: String, hints: DownloadContext,
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
                    file, to: folder, attempt: number, hints: hints, admitted: admitted)
            }
        }
        // A file that was there cannot be unavailable for a reason that is none of the disk's.
        if record.expectedSHA256 != nil, case .unavailable(let failure) = outcome {
            return meaning(of: .failed(failure), attempt: number)
        }
        return meaning(of: outcome, attempt: number)
    }

    /// What the outcome of an attempt means.
    func meaning(of outcome: DownloadOutcome, attempt number: Int) -> Attempt {
        switch outcome {
        case .published(let proof):
            return Attempt(ending: .published(proof))
        case .unavailable(let failure):
            return Attempt(ending: .unavailable(failure))
        case .failed(let failure):
            return Attempt(ending: .failed(failure))
        case .retry(let least, let failure):
            guard let wait = retry.wait(after: number, atLeast: least, jitter: jitter()) else {
                return Attempt(ending: .failed(Worker.exhausted(failure, after: number)))
            }
            return Attempt(ending: .retry(at: clock.now + wait, failure))
        case .stopJob(let failure):
            return Attempt(ending: .failed(failure), stop: failure)
        case .pauseUpstream(let span, let failure):
            let moment = clock.now + span
            return Attempt(
                ending: .released(notBefore: moment),
                park: Park(until: moment, reason: failure))
        case .awaitSpace(let bytes, let failure):
            return Attempt(
                ending: .released(notBefore: clock.now + Worker.roomWait),
                lack: Lack(neededBytes: bytes, reason: failure))
        case .interrupted:
            return Attempt(ending: .released(notBefore: nil))
        }
    }

    private static func exhausted(_ failure: FileFailure, after attempts: Int) -> FileFailure {
        var failure = failure
        failure.detail += " Given up after \(TextFormat.counted(attempts, "attempt"))."
        return failure
    }
}
