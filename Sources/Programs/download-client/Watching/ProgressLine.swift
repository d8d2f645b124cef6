// A running job on one line of a terminal: its bar, its speed and the time left.

import APITypes

/// What the line shows.
struct ProgressLine {
    var job: JobResponse
    var bytesPerSecond: Double?
    var elapsedSeconds: Int?
    var secondsLeft: Int?
    /// Shown instead of speed and time left while the service cannot be reached.
    var trouble: String?

    private static let barColumnsMin = 10
    private static let barColumnsMax = 30

    /// The line, never wider than `columns`: the least important part is dropped first, then the
    /// bar shrinks.
    func text(columns: Int) -> String {
        let beginning = "\(JobText.mark(of: job)) Job \(job.id)"
        let counts = JobCounts(job)
        let hasBar = counts.total > 0 && waitReason == nil
        var parts = self.parts(counts)
        while true {
            let tail = parts.map(\.text).joined(separator: "  ")
            let room = columns - DisplayWidth.of(beginning) - DisplayWidth.of(tail) - 4
            if hasBar, room >= ProgressLine.barColumnsMin {
                let bar = ProgressBar.of(
                    done: counts.done, failed: counts.failed + counts.cancelled,
                    total: counts.total, columns: min(room, ProgressLine.barColumnsMax))
                return "\(beginning)  \(bar)  \(tail)"
            }
            if !hasBar, room >= -2 { return "\(beginning)  \(tail)" }
            guard parts.count > 1,
                let least = parts.indices.min(by: {
                    parts[$0].importance < parts[$1].importance
                })
            else { return DisplayWidth.truncated("\(beginning)  \(tail)", to: columns) }
            parts.remove(at: least)
        }
    }

    /// Why the job waits, in place of a bar without progress.
    private var waitReason: WaitReason? {
        WaitReason(job).flatMap { $0.isTurn && job.status == "running" ? nil : $0 }
    }

    private typealias Part = (importance: Int, text: String)

    private func parts(_ counts: JobCounts) -> [Part] {
        let isMoving = waitReason == nil
        var parts: [Part] = []
        func add(_ importance: Int, _ text: String?) {
            if let text { parts.append((importance, text)) }
        }
        if counts.total > 0 {
            add(9, "\(counts.done)/\(counts.total) files")
            if counts.failed > 0 { add(8, "\(counts.failed) failed") }
            if isMoving { add(5, ByteText.of(job.bytesDone)) }
        } else if isMoving {
            add(9, job.status == "pending" ? "waiting for its turn" : "planning its files")
        }
        if let message = trouble ?? waitReason?.text() {
            add(10, message)
        } else if counts.total > 0 {
            add(4, bytesPerSecond.map { ByteText.perSecond($0) })
        }
        add(3, elapsedSeconds.map { DurationText.of(seconds: $0) })
        if trouble == nil, isMoving {
            add(6, secondsLeft.map { "ETA \(DurationText.of(seconds: $0))" })
        }
        return parts
    }
}

/// A bar of a fixed number of columns, such as `██████▒░░░░░`: done, failed, open.
enum ProgressBar {
    /// The bar for `done` and `failed` out of `total`; empty while the total is not known.
    ///
    /// A column is filled only when its whole share is done, so that the bar is full at the end
    /// and never before; one failure shows even among a hundred thousand files.
    static func of(done: Int, failed: Int, total: Int, columns: Int) -> String {
        guard total > 0, columns > 0 else {
            return String(repeating: "░", count: max(columns, 0))
        }
        let done = min(max(done, 0), total)
        let failed = min(max(failed, 0), total - done)
        let filled = share(done + failed, of: total, columns)
        var failedColumns = share(failed, of: total, columns)
        if failed > 0, failedColumns == 0, filled > 0 { failedColumns = 1 }
        return String(repeating: "█", count: filled - failedColumns)
            + String(repeating: "▒", count: failedColumns)
            + String(repeating: "░", count: columns - filled)
    }

    /// The columns for a part, rounded down; a part is never more than its whole.
    private static func share(_ part: Int, of whole: Int, _ columns: Int) -> Int {
        whole.dividingFullWidth(columns.multipliedFullWidth(by: part)).quotient
    }
}

/// Measures speed over a sliding window of the counters.
struct ProgressMeter {
    /// Long enough to even out files that end in bursts, short enough to follow a change.
    private static let windowSeconds = 30.0

    private struct Sample {
        var seconds: Double
        var filesEnded: Int
        var bytes: Int64
    }

    private var samples: [Sample] = []

    /// Takes in the counters of a job.
    ///
    /// - Parameter now: time since any fixed moment.
    mutating func update(_ job: JobResponse, at now: Duration) {
        let seconds = now / .seconds(1)
        // A job that waits has no speed.
        guard job.status == "running", WaitReason(job)?.isTurn ?? true else {
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

    /// Bytes per second, `nil` before the second sample.
    var bytesPerSecond: Double? {
        guard let first = samples.first, let last = samples.last, last.seconds > first.seconds
        else { return nil }
        return max(Double(last.bytes - first.bytes) / (last.seconds - first.seconds), 0)
    }

    /// Estimated seconds until the last file has ended, `nil` while none ends.
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
