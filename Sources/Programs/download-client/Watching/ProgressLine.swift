// A running job on one line of a terminal. It must not know the terminal, only how wide it is.

import APITypes

/// What the line shows.
struct ProgressLine {
    var job: JobAnswer
    var bytesPerSecond: Double?
    var elapsedSeconds: Int?
    var secondsLeft: Int?
    /// Shown instead of speed and time left while the service cannot be reached.
    var trouble: String?

    private static let barColumnsMin = 10
    private static let barColumnsMax = 30

    /// The line, never wider than `columns`: what matters least goes first, then the bar shrinks.
    func text(columns: Int) -> String {
        let beginning = "\(JobText.mark(of: job.status)) Job \(job.id)"
        var parts = self.parts
        while true {
            let tail = parts.map(\.text).joined(separator: "  ")
            let rest = columns - DisplayWidth.of(beginning) - DisplayWidth.of(tail) - 4
            if job.filesTotal > 0, rest >= ProgressLine.barColumnsMin {
                let bar = ProgressBar.of(
                    done: job.filesDone, failed: job.filesFailed, total: job.filesTotal,
                    columns: min(rest, ProgressLine.barColumnsMax))
                return "\(beginning)  \(bar)  \(tail)"
            }
            if job.filesTotal == 0, rest >= 0 { return "\(beginning)  \(tail)" }
            guard parts.count > 1, let least = parts.indices.min(by: { parts[$0] < parts[$1] })
            else { return DisplayWidth.truncated("\(beginning)  \(tail)", to: columns) }
            parts.remove(at: least)
        }
    }

    private struct Part: Comparable {
        var importance: Int
        var text: String

        static func < (left: Part, right: Part) -> Bool { left.importance < right.importance }
    }

    private var parts: [Part] {
        var parts: [Part] = []
        if job.filesTotal > 0 {
            let ended = job.filesDone + job.filesFailed
            parts.append(Part(importance: 9, text: "\(ended)/\(job.filesTotal) files"))
            if job.filesFailed > 0 {
                parts.append(Part(importance: 8, text: "\(job.filesFailed) failed"))
            }
            parts.append(Part(importance: 5, text: ByteText.of(job.bytesDone)))
        } else {
            let words = job.status == "pending" ? "waiting for its turn" : "planning its files"
            parts.append(Part(importance: 9, text: words))
        }
        if let trouble {
            parts.append(Part(importance: 10, text: trouble))
        } else if job.filesTotal > 0, let bytesPerSecond {
            parts.append(Part(importance: 4, text: ByteText.perSecond(bytesPerSecond)))
        }
        if let elapsedSeconds {
            parts.append(Part(importance: 3, text: DurationText.of(seconds: elapsedSeconds)))
        }
        if trouble == nil, let secondsLeft {
            parts.append(Part(importance: 6, text: "ETA \(DurationText.of(seconds: secondsLeft))"))
        }
        return parts
    }
}
