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
        _ request: UnderstoodRequest, to folder: String, _ knowledge: CatalogueKnowledge
    ) -> String {
        let files = Wording.counted(request.fileCount, "file")
        let symbols = Wording.listed(request.symbols, atMost: symbolsNamed)
        let days =
            request.days.count == 1
            ? "\(request.days.lowerBound)"
            : "\(request.days.lowerBound) to \(request.days.upperBound)"
        let types = request.dataTypes.map(\.name).joined(separator: ", ")
        var text = ""
        // Otherwise it is copied each time that it has grown out of its memory.
        text.reserveCapacity(textBytesUsual)
        for part in [
            "Download job submitted successfully: ", files, " from ", request.exchange, " (",
            symbols, "; ", types, "; ", days, ") to ", folder, ".",
        ] { text += part }
        for note in request.notes { text += " " + (note.last == "." ? note : note + ".") }
        if case .unreachable = knowledge {
            text +=
                " Tardis's catalogue cannot be reached at the moment; "
                + "exchange and symbols will be checked as the job runs."
        }
        return text
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
    static func overLimit(_ excess: LimitExcess) -> String {
        switch excess {
        case .queuedJobs(let count, let most):
            "You have \(Wording.counted(count, "job")) that \(count == 1 ? "has" : "have") not "
                + "ended; one user may have at most \(Wording.grouped(most)) "
                + "(USER_QUEUED_JOBS_MAX). Send this again when one has ended."
        case .filesPerDay(let files, _, let most) where files > most:
            "This asks for \(Wording.counted(files, "file")); one user may ask for at most "
                + "\(Wording.grouped(most)) in a day (USER_FILES_PER_DAY_MAX). Waiting does not "
                + "help: ask for fewer days or symbols at once."
        case .filesPerDay(let files, let used, let most):
            "You have asked for \(Wording.counted(used, "file")) today, and this asks for "
                + "\(Wording.grouped(files)) more; one user may ask for at most "
                + "\(Wording.grouped(most)) in a day (USER_FILES_PER_DAY_MAX). The next day begins "
                + "at 00:00 UTC."
        }
    }
}
