// Jobs, files, events and limits as tables.

import APITypes
import Datasets

/// Lists jobs.
enum JobListText {
    private static let layout = TextTable<JobResponse>([
        .init("JOB", .right, rank: 10) { "\($0.id)" },
        .init("STATUS", rank: 9) { "\(JobText.mark(of: $0)) \(status($0))" },
        .init("EXCHANGE", rank: 4, .end(least: 8)) { $0.exchange },
        .init("SYMBOLS", rank: 7, .end(least: 8)) { JobText.symbols($0) },
        .init("DATES", rank: 5) { JobText.dates($0, between: " … ") },
        .init("FILES", .right, rank: 8) { files($0) },
        .init("SIZE", .right, rank: 2) { $0.filesTotal > 0 ? ByteText.of($0.bytesDone) : "-" },
        .init("BY", rank: 3, .end(least: 5)) { $0.createdBy },
    ])

    /// The table that `list` prints, and why some of its jobs wait.
    ///
    /// - Parameter columns: the width of the terminal; `nil` for a pipe.
    static func table(_ page: JobListResponse, columns: Int? = nil) -> [String] {
        guard !page.jobs.isEmpty else { return [empty(page)] }
        return layout.lines(page.jobs, fitting: columns) + section(waiting(page.jobs))
            + section(remainder(page.jobs.count, of: page.total, "jobs"))
    }

    /// The lines that `--list-jobs` prints: scripts read them since the predecessor.
    ///
    /// - Parameter columns: the width of the terminal; `nil` for a pipe.
    static func legacy(_ page: JobListResponse, columns: Int? = nil) -> [String] {
        guard !page.jobs.isEmpty else { return ["", empty(page)] }
        let rule = String(repeating: "-", count: min(80, max(columns ?? 80, 1)))
        let rows = page.jobs.map { job in
            "\(JobText.mark(of: job)) Job \(job.id) | \(TerminalSafeText.line(job.status)) | "
                + "\(TerminalSafeText.line(job.exchange)) | \(JobText.symbols(job)) | "
                + "by \(TerminalSafeText.line(job.createdBy))"
        }
        let heading = "📋 Recent Jobs (showing \(page.jobs.count) of \(page.total))"
        return ["", heading, rule] + rows + [rule] + waiting(page.jobs)
    }

    private static func status(_ job: JobResponse) -> String {
        guard let waiting = WaitReason(job), !waiting.isTurn else { return job.status }
        return waiting.isPaused ? "paused" : "waiting"
    }

    private static func files(_ job: JobResponse) -> String {
        let counts = JobCounts(job)
        return counts.total > 0 ? "\(counts.done)/\(counts.total)" : "-"
    }

    /// A line for each reason to wait, in the order of the first job of each.
    private static func waiting(_ jobs: [JobResponse]) -> [String] {
        let namedMax = 10
        var reasons: [(text: String, jobs: [Int64])] = []
        for job in jobs {
            guard let waiting = WaitReason(job), !waiting.isTurn else { continue }
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

    private static func empty(_ page: JobListResponse) -> String {
        page.total > 0 ? "No jobs on this page; there are \(page.total)." : "No jobs found."
    }
}

/// Lists files.
enum FileListText {
    private static let layout = TextTable<FileResponse>([
        .init("STATE", rank: 9) { $0.state },
        .init("ROWS", .right, rank: 6) { $0.rows.map { "\($0)" } ?? "-" },
        .init("SIZE", .right, rank: 7) { $0.bytes.map { ByteText.of($0) } ?? "-" },
        .init("TRIES", .right, rank: 5) { "\($0.attemptsTotal ?? $0.attempts.count)" },
        .init("FILE", rank: 10, .beginning(least: 24)) { $0.name },
    ])

    /// The table that `files` prints, and remarks on its files.
    ///
    /// - Parameter columns: the width of the terminal; `nil` for a pipe.
    static func table(_ page: FileListResponse, columns: Int? = nil) -> [String] {
        guard !page.files.isEmpty else {
            return [
                page.total > 0
                    ? "No files on this page; there are \(page.total)." : "No such files."
            ]
        }
        let lines = page.files.flatMap { file in
            remarks(on: file).map {
                "\(TerminalSafeText.line(file.name)): \(TerminalSafeText.line($0))"
            }
        }
        return layout.lines(page.files, fitting: columns) + section(lines)
            + section(remainder(page.files.count, of: page.total, "files"))
    }

    /// Why a file is missing or odd, and what the last verification found.
    private static func remarks(on file: FileResponse) -> [String] {
        var remarks: [String] = []
        if let reason = file.detail ?? file.suspicious.map({ "suspicious: \($0)" }) {
            remarks.append(reason)
        }
        if let finding = file.finding {
            remarks.append("the last verification found it \(finding)")
        }
        if let revision = file.revision {
            let decision = revision.accepted ? "accepted" : "left out"
            remarks.append(
                "changed at Tardis: sha256 \(revision.sha256), seen \(revision.seenAt), instead of "
                    + "the recorded \(revision.recordedSHA256); \(decision)")
        }
        return remarks
    }
}

/// Lists events.
enum EventListText {
    /// The table that `events` prints, and why the job waits.
    ///
    /// - Parameter columns: the width of the terminal; `nil` for a pipe.
    static func lines(_ page: JobEventsResponse, columns: Int? = nil) -> [String] {
        let table = TextTable<EventResponse>([
            .init("AT", rank: 9, .end(least: 17)) { time($0.at, isExact: columns == nil) },
            .init("EVENT", rank: 10, .end(least: 9)) { $0.event },
            .init("BY", rank: 7, .end(least: 5)) { $0.by + ($0.from.map { " (\($0))" } ?? "") },
            .init("DETAIL", rank: 8, .end(least: 10)) { $0.detail ?? "" },
        ])
        let list =
            page.events.isEmpty
            ? ["No events on this page."] : table.lines(page.events, fitting: columns)
        return ["Job \(page.jobID)"] + list
            + remainder(page.events.count, of: page.total, "events")
            + (page.waiting.map { ["⏳ Waiting: \(TerminalSafeText.line($0.reason))"] } ?? [])
    }

    /// The time as received, or to the second for a terminal: `2025-11-13 10:20:00Z`.
    private static func time(_ text: String, isExact: Bool) -> String {
        guard !isExact, let time = Timestamp(text) else { return text }
        let whole = time.iso8601
        return "\(whole.prefix(10)) \(whole.dropFirst(11).prefix(8))Z"
    }
}

/// Lists limits.
enum LimitsText {
    private static let layout = TextTable<LimitsResponse.NamedLimit>([
        .init("LIMIT", rank: 10) { $0.name },
        .init("VALUE", .right, rank: 9) { "\($0.limit.value)" },
        .init("DEFAULT", .right, rank: 8) { "\($0.limit.default)" },
        .init("CHANGED BY", rank: 7, .end(least: 10)) { $0.limit.changedBy ?? "-" },
        .init("CHANGED AT", rank: 6, .end(least: 16)) { $0.limit.changedAt ?? "-" },
    ])

    /// - Parameter columns: the width of the terminal; `nil` for a pipe.
    static func table(_ answer: LimitsResponse, columns: Int? = nil) -> [String] {
        layout.lines(answer.limits, fitting: columns)
    }
}

/// `Showing 20 of 400 jobs.`, where the service has more than the page.
private func remainder(_ shown: Int, of total: Int, _ things: String) -> [String] {
    total > shown ? ["Showing \(shown) of \(total) \(things)."] : []
}

/// Lines below an empty one, where there are any.
private func section(_ lines: [String]) -> [String] {
    lines.isEmpty ? [] : [""] + lines
}
