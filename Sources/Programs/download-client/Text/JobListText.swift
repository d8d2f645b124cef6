// Lists of jobs, as a table and in the predecessor's form. It must not know which jobs were asked
// for.

import APITypes

/// Lists jobs.
enum JobListText {
    /// The table that `list` prints.
    static func table(_ answer: JobListAnswer) -> [String] {
        guard !answer.jobs.isEmpty else { return [nothing(answer)] }
        var table = TextTable([
            ("JOB", .right), ("STATUS", .left), ("EXCHANGE", .left), ("SYMBOLS", .left),
            ("DATES", .left), ("FILES", .right), ("SIZE", .right), ("BY", .left),
        ])
        for job in answer.jobs {
            let ended = job.filesDone + job.filesFailed
            table.append([
                "\(job.id)",
                "\(JobText.mark(of: job.status)) \(HarmlessText.line(job.status))",
                HarmlessText.line(job.exchange), JobText.symbols(job),
                JobText.dates(job, between: " … "),
                job.filesTotal > 0 ? "\(ended)/\(job.filesTotal)" : "-",
                job.filesTotal > 0 ? ByteText.of(job.bytesDone) : "-",
                HarmlessText.line(job.createdBy),
            ])
        }
        let rest = answer.total - answer.jobs.count
        return table.lines
            + (rest > 0 ? ["", "Showing \(answer.jobs.count) of \(answer.total) jobs."] : [])
    }

    /// The lines that `--list-jobs` prints: scripts read them since the predecessor.
    static func classic(_ answer: JobListAnswer) -> [String] {
        guard !answer.jobs.isEmpty else { return ["", nothing(answer)] }
        let rule = String(repeating: "-", count: 80)
        let rows = answer.jobs.map { job in
            "\(JobText.mark(of: job.status)) Job \(job.id) | \(HarmlessText.line(job.status)) | "
                + "\(HarmlessText.line(job.exchange)) | \(JobText.symbols(job)) | "
                + "by \(HarmlessText.line(job.createdBy))"
        }
        let heading = "📋 Recent Jobs (showing \(answer.jobs.count) of \(answer.total))"
        return ["", heading, rule] + rows + [rule]
    }

    private static func nothing(_ answer: JobListAnswer) -> String {
        answer.total > 0 ? "No jobs on this page; there are \(answer.total)." : "No jobs found."
    }
}
