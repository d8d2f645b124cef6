// A watched job in lines: its changes for a log or a pipe, and its outcome.

import APIClient
import APITypes

/// Words for watching.
enum WatchText {
    /// One line for a change: `🔄 Job 12 running: 14 of 31 done, 38.2 MB`, and why it waits.
    static func change(_ job: JobResponse) -> String {
        let status = TerminalSafeText.line(job.status)
        let waiting = WaitReason(job).map { "; \($0.text())" } ?? ""
        return "\(JobText.mark(of: job)) Job \(job.id) \(status): \(JobText.files(job))\(waiting)"
    }

    /// 0 for a job that completed whole, 3 for one with accepted gaps, 1 for any other.
    static func exitStatus(_ job: JobResponse) -> ExitStatus {
        guard job.status == "completed" else { return .failed }
        return JobCounts(job).gaps > 0 ? .gaps : .done
    }

    /// How the job ended, where its files are, and what failed.
    static func outcome(_ job: JobResponse, program: String) -> [String] {
        let mark = JobText.mark(of: job.status)
        let time = JobText.seconds(job).map { " in \(DurationText.of(seconds: $0))" } ?? ""
        let size = ByteText.of(job.bytesDone)
        let counts = JobCounts(job)
        let files = counts.total == 1 ? "1 file" : "\(counts.total) files"
        var lines: [String]
        switch job.status {
        case "completed":
            lines = [
                "\(mark) Job \(job.id) completed: \(files)\(counts.remarks), \(size)\(time)"
            ]
            lines.append(
                JobText.wroteNothing(job)
                    ? JobText.nothingWritten
                    : "Files are in \(TerminalSafeText.line(job.outputPath))")
        case "failed" where counts.failed > 0:
            lines = [
                "\(mark) Job \(job.id) failed: \(counts.failed) of \(files) failed, "
                    + "\(counts.done) done\(counts.remarks), \(size)\(time)"
            ]
        default:
            let words = counts.total > 0 ? ": \(JobText.files(job))" : ""
            lines = ["\(mark) Job \(job.id) \(TerminalSafeText.line(job.status))\(words)"]
        }
        lines += JobText.notesAndError(job)
        if job.status != "completed" { lines.append("Details: \(program) status \(job.id)") }
        return lines
    }

    /// That the service does not answer, and how long polling goes on.
    static func lost(
        _ error: APIClientError, at address: ServiceAddress, patienceSeconds: Int
    ) -> String {
        "⚠️ \(trouble(error)) at \(address). The job is not lost; trying again for up to "
            + "\(DurationText.of(seconds: patienceSeconds))."
    }

    /// That the service is back.
    static func found(afterSeconds: Int) -> String {
        "The service answers again after \(DurationText.of(seconds: afterSeconds))."
    }

    /// What Ctrl-C prints.
    ///
    /// - Parameter job: as it was last seen; `nil` where it was not.
    static func interrupted(_ id: Int64, _ job: JobResponse?, program: String) -> String {
        let stopped = "Stopped watching. Job \(id)"
        let check = "check it with: \(program) status \(id)"
        guard let waiting = job.flatMap({ WaitReason($0) }), !waiting.isTurn else {
            return "\(stopped) goes on by itself; \(check)"
        }
        if waiting.isPaused {
            return "\(stopped) is \(waiting.text()), until: \(program) resume \(id)"
        }
        return waiting.resumesByItself
            ? "\(stopped) \(waiting.text()). It goes on by itself; \(check)"
            : "\(stopped) \(waiting.text()); \(check)"
    }

    private static func trouble(_ error: APIClientError) -> String {
        switch error {
        case .timedOut: "No answer in time from the service"
        case .cutShort: "The connection broke off to the service"
        case .refused(let refusal): "Status \(refusal.status) from the service"
        case .foreignResponse(let answer):
            "Status \(answer.status.map(String.init) ?? "unknown") from what stands before the service"
        default: "Cannot reach the service"
        }
    }
}
