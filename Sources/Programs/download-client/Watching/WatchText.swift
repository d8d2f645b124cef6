// A watched job in lines: what a log or a pipe gets instead of the progress line, and how it ended.
// It must not know when they are printed.

import APIClient
import APITypes

/// Words for watching.
enum WatchText {
    /// One line for a change: `🔄 Job 12 running: 14 of 31 done, 38.2 MB`.
    static func change(_ job: JobAnswer) -> String {
        let status = HarmlessText.line(job.status)
        return "\(JobText.mark(of: job.status)) Job \(job.id) \(status): \(JobText.files(job))"
    }

    /// How the job ended, and what there is to know about it.
    static func outcome(_ job: JobAnswer, program: String) -> [String] {
        let mark = JobText.mark(of: job.status)
        let time = JobText.seconds(job).map { " in \(DurationText.of(seconds: $0))" } ?? ""
        let size = ByteText.of(job.bytesDone)
        let files = job.filesTotal == 1 ? "1 file" : "\(job.filesTotal) files"
        var lines: [String]
        switch job.status {
        case "completed":
            lines = ["\(mark) Job \(job.id) completed: \(files), \(size)\(time)"]
            lines.append(
                JobText.wroteNothing(job)
                    ? JobText.nothingWritten : "Files are in \(HarmlessText.line(job.outputPath))")
        case "failed" where job.filesFailed > 0:
            lines = [
                "\(mark) Job \(job.id) failed: \(job.filesFailed) of \(files) failed, "
                    + "\(job.filesDone) done, \(size)\(time)"
            ]
        default:
            let counts = job.filesTotal > 0 ? ": \(JobText.files(job))" : ""
            lines = ["\(mark) Job \(job.id) \(HarmlessText.line(job.status))\(counts)"]
        }
        lines += job.notes.map { "Note: \(HarmlessText.line($0))" }
        if let error = job.errorMessage { lines.append("Error: \(HarmlessText.paragraph(error))") }
        if job.status != "completed" { lines.append("Details: \(program) status \(job.id)") }
        return lines
    }

    /// Why nothing moves for the moment.
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

    /// The last word on Ctrl-C.
    static func interrupted(_ job: Int64, program: String) -> String {
        "Stopped watching. Job \(job) goes on by itself; check it with: \(program) status \(job)"
    }

    private static func trouble(_ error: APIClientError) -> String {
        switch error {
        case .timedOut: "No answer in time from the service"
        case .cutShort: "The connection broke off to the service"
        case .refused(let refusal): "Status \(refusal.status) from the service"
        case .foreignAnswer(let status):
            "Status \(status.map(String.init) ?? "unknown") from what stands before the service"
        default: "Cannot reach the service"
        }
    }
}
