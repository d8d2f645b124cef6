// How fast a job goes and when it may be done, from the counters seen so far. It must not know the
// clock: time is passed in.

import APITypes

/// Measures speed over a window that slides along.
struct ProgressMeter {
    /// Long enough to even out files that end in bursts, short enough to follow a change.
    private static let windowSeconds = 30.0

    private struct Sample {
        var seconds: Double
        var filesEnded: Int
        var bytes: Int64
    }

    private var samples: [Sample] = []

    /// Notes the counters of a job.
    ///
    /// - Parameter now: time since any fixed moment.
    mutating func note(_ job: JobResponse, at now: Duration) {
        let seconds = now / .seconds(1)
        // Before it runs nothing moves, and waiting is not slowness.
        guard job.status == "running", JobWaiting(job)?.isTurn ?? true else {
            samples = []
            return
        }
        samples.append(
            Sample(
                seconds: seconds, filesEnded: JobCounts(job).ended, bytes: max(job.bytesDone, 0)))
        while samples.count > 2, seconds - samples[1].seconds >= ProgressMeter.windowSeconds {
            samples.removeFirst()
        }
    }

    /// Bytes per second, `nil` until two moments have been seen.
    var bytesPerSecond: Double? {
        guard let first = samples.first, let last = samples.last, last.seconds > first.seconds
        else { return nil }
        return max(Double(last.bytes - first.bytes) / (last.seconds - first.seconds), 0)
    }

    /// Seconds until the last file may have ended, `nil` while nothing moves.
    func secondsLeft(_ job: JobResponse) -> Int? {
        guard let first = samples.first, let last = samples.last, last.seconds > first.seconds,
            last.filesEnded > first.filesEnded, job.filesTotal > last.filesEnded
        else { return nil }
        let filesPerSecond =
            Double(last.filesEnded - first.filesEnded) / (last.seconds - first.seconds)
        let seconds = Double(job.filesTotal - last.filesEnded) / filesPerSecond
        return seconds < 1e9 ? Int(seconds.rounded(.up)) : nil
    }
}
