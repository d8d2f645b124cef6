// A running job on one line of a terminal. It must not know the terminal, only how wide it is.

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

    /// The line, never wider than `columns`: what matters least goes first, then the bar shrinks.
    func text(columns: Int) -> String {
        let beginning = "\(JobText.mark(of: job)) Job \(job.id)"
        let counts = JobCounts(job)
        let hasBar = counts.total > 0 && heldUp == nil
        var parts = self.parts(counts)
        while true {
            let tail = parts.map(\.text).joined(separator: "  ")
            let rest = columns - DisplayWidth.of(beginning) - DisplayWidth.of(tail) - 4
            if hasBar, rest >= ProgressLine.barColumnsMin {
                let bar = ProgressBar.of(
                    done: counts.done, failed: counts.failed + counts.cancelled,
                    total: counts.total, columns: min(rest, ProgressLine.barColumnsMax))
                return "\(beginning)  \(bar)  \(tail)"
            }
            if !hasBar, rest >= -2 { return "\(beginning)  \(tail)" }
            guard parts.count > 1, let least = parts.indices.min(by: { parts[$0] < parts[$1] })
            else { return DisplayWidth.truncated("\(beginning)  \(tail)", to: columns) }
            parts.remove(at: least)
        }
    }

    /// Why the job does not get on, in place of a bar that stands still.
    private var heldUp: JobWaiting? {
        JobWaiting(job).flatMap { $0.isTurn && job.status == "running" ? nil : $0 }
    }

    private struct Part: Comparable {
        var importance: Int
        var text: String

        static func < (left: Part, right: Part) -> Bool { left.importance < right.importance }
    }

    private func parts(_ counts: JobCounts) -> [Part] {
        var parts: [Part] = []
        if counts.total > 0 {
            parts.append(Part(importance: 9, text: "\(counts.done)/\(counts.total) files"))
            if counts.failed > 0 {
                parts.append(Part(importance: 8, text: "\(counts.failed) failed"))
            }
            if heldUp == nil {
                parts.append(Part(importance: 5, text: ByteText.of(job.bytesDone)))
            }
        } else if heldUp == nil {
            let words = job.status == "pending" ? "waiting for its turn" : "planning its files"
            parts.append(Part(importance: 9, text: words))
        }
        if let trouble {
            parts.append(Part(importance: 10, text: trouble))
        } else if let heldUp {
            parts.append(Part(importance: 10, text: heldUp.text()))
        } else if counts.total > 0, let bytesPerSecond {
            parts.append(Part(importance: 4, text: ByteText.perSecond(bytesPerSecond)))
        }
        if let elapsedSeconds {
            parts.append(Part(importance: 3, text: DurationText.of(seconds: elapsedSeconds)))
        }
        if trouble == nil, heldUp == nil, let secondsLeft {
            parts.append(Part(importance: 6, text: "ETA \(DurationText.of(seconds: secondsLeft))"))
        }
        return parts
    }
}
