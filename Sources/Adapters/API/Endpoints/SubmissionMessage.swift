// The sentences that tell somebody what became of a submission.

import Datasets
import Jobs

/// Words acceptances and refusals.
enum SubmissionMessage {
    /// Symbols named before the rest is counted.
    private static let symbolsNamed = 3
    private static let textBytesUsual = 256

    /// What was understood, where it goes, and what was understood differently.
    static func accepted(
        _ request: UnderstoodRequest, to folder: String, _ knowledge: CatalogueLookup
    ) -> String {
        var text = accepted(
            files: request.fileCount, from: request.exchange,
            symbols: TextFormat.listed(request.symbols, atMost: symbolsNamed),
            types: request.dataTypes.map(\.name),
            days: (request.days.lowerBound.description, request.days.upperBound.description),
            to: folder, notes: request.notes)
        if case .unreachable = knowledge {
            text +=
                " Tardis's catalogue cannot be reached at the moment; "
                + "exchange and symbols will be checked as the job runs."
        }
        return text
    }

    /// The same of a submission that is sent again.
    static func accepted(_ job: Job, files: Int, notes: [String]) -> String {
        accepted(
            files: files, from: job.exchange,
            symbols: TextFormat.listed(job.symbols, of: job.symbolsTotal, atMost: symbolsNamed),
            types: job.dataTypes, days: (job.startDate, job.endDate), to: job.outputPath,
            notes: notes)
    }

    private static func accepted(
        files: Int, from exchange: String, symbols: String, types: [String],
        days: (first: String, last: String), to folder: String, notes: [String]
    ) -> String {
        var text = ""
        // Otherwise it is copied each time that it has grown out of its memory.
        text.reserveCapacity(textBytesUsual)
        for part in [
            "Download job submitted successfully: ", TextFormat.counted(files, "file"), " from ",
            exchange, " (", symbols, "; ", types.joined(separator: ", "), "; ",
            days.first == days.last ? days.first : "\(days.first) to \(days.last)", ") to ",
            folder, ".",
        ] { text += part }
        for note in notes { text += " " + (note.last == "." ? note : note + ".") }
        return text
    }

    /// What is said of a submission whose job retention has removed since.
    static func removed(_ id: JobID) -> String {
        "This was submitted before as job \(id), which has ended and was removed since. Send it "
            + "with another Idempotency-Key for a new job."
    }

    /// Which job does what was asked for, and what about it is not as it was asked for.
    static func duplicate(of job: Job, priority: Priority?, isPinned: Bool) -> String {
        let state = job.control.isPaused ? "paused, until it is resumed" : job.state.rawValue
        var sentences = [
            "You have asked for exactly this before: job \(job.id), which is \(state). "
                + "No new job was made; send \"force\": true for one."
        ]
        if let priority, priority != job.control.priority {
            sentences.append("Its priority stays \(job.control.priority.rawValue).")
        }
        if isPinned, !job.control.isPinned { sentences.append("It is not pinned.") }
        return sentences.joined(separator: " ")
    }

    /// Which limit is reached, who set it, and what to do.
    static func overLimit(_ excess: QuotaExceeded) -> String {
        switch excess {
        case .queuedJobs(let count, let most):
            "You have \(TextFormat.counted(count, "job")) that \(count == 1 ? "has" : "have") not "
                + "ended; one user may have at most \(TextFormat.grouped(most)) "
                + "(USER_QUEUED_JOBS_MAX). Send this again when one has ended."
        case .filesPerDay(let files, _, let most) where files > most:
            "This asks for \(TextFormat.counted(files, "file")); one user may ask for at most "
                + "\(TextFormat.grouped(most)) in a day (USER_FILES_PER_DAY_MAX). Waiting does not "
                + "help: ask for fewer days or symbols at once."
        case .filesPerDay(let files, let used, let most):
            "You have asked for \(TextFormat.counted(used, "file")) today, and this asks for "
                + "\(TextFormat.grouped(files)) more; one user may ask for at most "
                + "\(TextFormat.grouped(most)) in a day (USER_FILES_PER_DAY_MAX). The next day begins "
                + "at 00:00 UTC."
        }
    }
}
