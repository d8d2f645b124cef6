// Jobs in words: what `submit`, `status` and the job commands print.

import APITypes
import Datasets

/// Describes jobs; every text of the service passes ``TerminalSafeText``.
enum JobText {
    /// The sign of a status.
    static func mark(of status: String) -> String {
        switch status {
        case "pending": "⏳"
        case "running": "🔄"
        case "completed": "✅"
        case "failed": "❌"
        case "cancelled": "🚫"
        default: "📊"
        }
    }

    /// The job of a submission, and the commands that follow it.
    static func submission(_ answer: SubmitResponse, program: String) -> [String] {
        let mark = answer.duplicateOf == nil ? "✅" : "🔁"
        let apiHint = #"send "force": true for one"#
        let message = answer.message.replacing(apiHint, with: "add --force for one")
        var lines = ["", "\(mark) \(TerminalSafeText.line(message))"]
        // The message may hold the notes already.
        for note in answer.notes where !answer.message.contains(note) {
            lines.append("📝 \(TerminalSafeText.line(note))")
        }
        if let original = answer.duplicateOf, message == answer.message {
            lines.append(
                "No new job: job \(original) does the same. To have another: add --force")
        }
        return lines + [
            "📊 Job ID: \(answer.jobID)", "",
            "Check status with: \(program) status \(answer.jobID)",
            "Follow it with:    \(program) watch \(answer.jobID)",
        ]
    }

    /// The sign of a job: that of its status, unless the job waits for more than its turn.
    static func mark(of job: JobResponse) -> String {
        let isWaiting = WaitReason(job).map { !$0.isTurn } ?? false
        return isWaiting ? mark(of: "pending") : mark(of: job.status)
    }

    /// Everything about a job, one fact per line.
    static func details(
        _ job: JobResponse, program: String = "download-client"
    ) -> [String] {
        var lines = [
            "",
            "\(mark(of: job)) Job \(job.id) - \(TerminalSafeText.line(job.status.uppercased()))",
        ]
        if let waiting = WaitReason(job) {
            lines.append("Waiting: \(waiting.facts())")
            if waiting.isPaused { lines.append("Resume it with: \(program) resume \(job.id)") }
        }
        let time = seconds(job).map { " (took \(DurationText.of(seconds: $0)))" } ?? ""
        let facts: [(name: String, value: String?)] = [
            ("Exchange", job.exchange), ("Symbols", symbols(job, atMost: 20)),
            ("Data Types", job.dataTypes.joined(separator: ", ")),
            ("Date Range", dates(job, between: " to ")), ("Output Path", job.outputPath),
            ("Files", files(job)), ("Created", job.createdAt), ("Created by", job.createdBy),
            ("Started", job.startedAt), ("Completed", job.completedAt.map { $0 + time }),
        ]
        lines += facts.flatMap { fact($0.name, $0.value) }
        if wroteNothing(job) { lines.append(nothingWritten) }
        return lines + integrity(job) + notesAndError(job)
    }

    /// The result of a command.
    static func outcome(of command: JobCommandName, _ job: JobResponse) -> String {
        let outcome =
            switch command {
            case .cancel: "\(job.status), \(files(job))"
            case .retry: "\(job.status) again, \(files(job))"
            case .pause: job.paused == true ? "paused, \(files(job))" : job.status
            case .resume: job.status == "pending" ? "waits for its turn" : job.status
            }
        return "\(mark(of: job.status)) Job \(job.id): \(TerminalSafeText.line(outcome))"
    }

    /// The integrity of the job's data, as far as the service reports it.
    private static func integrity(_ job: JobResponse) -> [String] {
        var lines = fact("Dataset digest", job.datasetDigest)
        if let saved = job.bytesSaved, saved > 0 {
            lines.append("Not fetched again: \(ByteText.of(saved))")
        }
        if let count = job.filesSuspicious, count > 0 {
            lines.append("⚠️ Of unusual size: \(count) (see: files \(job.id))")
        }
        return lines + VerificationText.facts(job)
    }

    /// The notes of a job, and why it failed.
    static func notesAndError(_ job: JobResponse) -> [String] {
        job.notes.flatMap { fact("Note", $0) } + error(job)
    }

    static func error(_ job: JobResponse) -> [String] {
        job.errorMessage.map { ["Error: \(TerminalSafeText.paragraph($0))"] } ?? []
    }

    /// One line for a fact, where there is a value.
    static func fact(_ name: String, _ value: String?) -> [String] {
        value.map { ["\(name): \(TerminalSafeText.line($0))"] } ?? []
    }

    /// For a job that completed without a byte: even an empty dataset is a file.
    static let nothingWritten =
        "Nothing was written: Tardis has no data for these days (not listed yet, or delisted)."

    /// Whether a job completed without any file.
    static func wroteNothing(_ job: JobResponse) -> Bool {
        job.status == "completed" && job.filesTotal > 0 && job.bytesDone == 0
    }

    /// The progress of the files of a job: `14 of 31 done, 1 failed, 38.2 MB`.
    static func files(_ job: JobResponse) -> String {
        guard job.filesTotal > 0 else {
            let isOpen = ["pending", "running"].contains(job.status)
            return isOpen ? "not planned yet" : "not counted, as the former service did not"
        }
        return "\(JobCounts(job).text), \(ByteText.of(job.bytesDone))"
    }

    /// Seconds that a job has taken, where it has ended.
    static func seconds(_ job: JobResponse) -> Int? {
        guard let start = job.startedAt.flatMap({ Timestamp($0) }),
            let end = job.completedAt.flatMap({ Timestamp($0) }), end >= start
        else { return nil }
        return Int(((end - start) / .seconds(1)).rounded())
    }

    /// The first symbols of a job: `BTCUSDT, ETHUSDT (+1 more)`.
    static func symbols(_ job: JobResponse, atMost count: Int = 2) -> String {
        let total = max(job.symbolsTotal ?? 0, job.symbols.count)
        let more = total > count ? " (+\(total - count) more)" : ""
        return TerminalSafeText.line(job.symbols.prefix(count).joined(separator: ", ")) + more
    }

    /// The days of a job.
    static func dates(_ job: JobResponse, between: String) -> String {
        TerminalSafeText.line(job.startDate) + between + TerminalSafeText.line(job.endDate)
    }
}
