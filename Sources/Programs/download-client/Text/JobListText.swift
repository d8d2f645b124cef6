// Lists of jobs, as a table and in the predecessor's form. It must not know which jobs were asked
// for.

import APITypes

/// Lists jobs.
enum JobListText {
    /// The table that `list` prints, and why some of its jobs wait.
    ///
    /// - Parameter columns: the width of the terminal; `nil` for a pipe.
    static func table(_ answer: JobListResponse, columns: Int? = nil) -> [String] {
        guard !answer.jobs.isEmpty else { return [nothing(answer)] }
        var table = TextTable([
            .init("JOB", .right, rank: 10), .init("STATUS", rank: 9),
            .init("EXCHANGE", rank: 4, .end(least: 8)), .init("SYMBOLS", rank: 7, .end(least: 8)),
            .init("DATES", rank: 5), .init("FILES", .right, rank: 8),
            .init("SIZE", .right, rank: 2), .init("BY", rank: 3, .end(least: 5)),
        ])
        for job in answer.jobs {
            let counts = JobCounts(job)
            table.append([
                "\(job.id)", "\(JobText.mark(of: job)) \(status(job))",
                TerminalSafeText.line(job.exchange), JobText.symbols(job),
                JobText.dates(job, between: " … "),
                counts.total > 0 ? "\(counts.done)/\(counts.total)" : "-",
                counts.total > 0 ? ByteText.of(job.bytesDone) : "-",
                TerminalSafeText.line(job.createdBy),
            ])
        }
        let rest = max(answer.total, 0) - answer.jobs.count
        let reasons = waiting(answer.jobs)
        return table.lines(fitting: columns) + (reasons.isEmpty ? [] : [""] + reasons)
            + (rest > 0 ? ["", "Showing \(answer.jobs.count) of \(answer.total) jobs."] : [])
    }

    private static func status(_ job: JobResponse) -> String {
        guard let waiting = JobWaiting(job), !waiting.isTurn else {
            return TerminalSafeText.line(job.status)
        }
        return waiting.isPaused ? "paused" : "waiting"
    }

    /// A line for each reason that holds jobs up, in the order of the first job of each.
    private static func waiting(_ jobs: [JobResponse]) -> [String] {
        let namedMax = 10
        var reasons: [(text: String, jobs: [Int64])] = []
        for job in jobs {
            guard let waiting = JobWaiting(job), !waiting.isTurn else { continue }
            let text = waiting.text()
            if let known = reasons.firstIndex(where: { $0.text == text }) {
                reasons[known].jobs.append(job.id)
            } else {
                reasons.append((text, [job.id]))
            }
        }
        return reasons.map { text, jobs in
            let names = jobs.prefix(namedMax).map { "\($0)" }.joined(separator: ", ")
            let more = jobs.count > namedMax ? " (+\(jobs.count - namedMax) more)" : ""
            return "⏳ \(jobs.count == 1 ? "Job" : "Jobs") \(names)\(more): \(text)"
        }
    }

    /// The lines that `--list-jobs` prints: scripts read them since the predecessor.
    ///
    /// - Parameter columns: the width of the terminal; `nil` for a pipe.
    static func classic(_ answer: JobListResponse, columns: Int? = nil) -> [String] {
        guard !answer.jobs.isEmpty else { return ["", nothing(answer)] }
        let rule = String(repeating: "-", count: min(80, max(columns ?? 80, 1)))
        let rows = answer.jobs.map { job in
            "\(JobText.mark(of: job)) Job \(job.id) | \(TerminalSafeText.line(job.status)) | "
                + "\(TerminalSafeText.line(job.exchange)) | \(JobText.symbols(job)) | "
                + "by \(TerminalSafeText.line(job.createdBy))"
        }
        let heading = "📋 Recent Jobs (showing \(answer.jobs.count) of \(answer.total))"
        return ["", heading, rule] + rows + [rule] + waiting(answer.jobs)
    }

    private static func nothing(_ answer: JobListResponse) -> String {
        answer.total > 0 ? "No jobs on this page; there are \(answer.total)." : "No jobs found."
    }
}
