// Checks what POST /download asks for, and words the response.

import APITypes
import Concurrency
import Datasets
import HTTP
import JSON
import Jobs

/// A submission with everything checked, and the words to answer it with.
struct ParsedSubmission: Sendable {
    let request: DownloadRequest
    /// `nil` where nothing was said about it.
    let priority: Priority?
    let isForced: Bool
    let isPinned: Bool
    /// What an acceptance says.
    let acceptance: String

    /// The content of the answer.
    func content(about job: Job, isDuplicate: Bool) -> [UInt8] {
        let message =
            isDuplicate
            ? SubmissionMessage.duplicate(of: job, priority: priority, isPinned: isPinned)
            : acceptance
        return JSONCoding.encode(
            SubmitResponse(
                jobID: job.id.rawValue, message: message, status: job.state.rawValue,
                notes: request.notes, duplicateOf: isDuplicate ? job.id.rawValue : nil))
    }
}

extension KeptSubmission {
    /// The content of the first answer again, made of the job: as both were then, but for what is
    /// only said once (that the catalogue could not be reached, that a duplicate keeps its
    /// priority).
    ///
    /// - Parameter job: `nil` where it was removed.
    func content(about job: Job?) -> [UInt8] {
        var message = SubmissionMessage.removed(self.job)
        var notes: [String] = []
        if var job {
            (job.state, job.control.isPaused) = (state, isPaused)
            notes = Array(job.notes.prefix(self.notes))
            message =
                isDuplicate
                ? SubmissionMessage.duplicate(of: job, priority: nil, isPinned: false)
                : SubmissionMessage.accepted(job, files: files, notes: notes)
        }
        let id = self.job.rawValue
        return JSONCoding.encode(
            SubmitResponse(
                jobID: id, message: message, status: state.rawValue, notes: notes,
                duplicateOf: isDuplicate ? id : nil))
    }
}

/// Checks submissions against what is known. Suspends only where it has to: where the catalogue is
/// not in memory, a folder has to be looked at, or a request is long.
struct SubmissionParser {
    /// A client waits half a minute at most; whatever the catalogue has not said by then is
    /// checked when the job runs.
    private static let cataloguePatience = Duration.seconds(10)

    private let parts: APIDependencies

    init(_ parts: APIDependencies) {
        self.parts = parts
    }

    /// - Throws: ``APIError/invalid(_:)`` with all problems together.
    func understand(_ context: RequestContext) async throws(APIError) -> ParsedSubmission {
        let written = SubmissionReader(
            try RequestBody.object(of: context.request), from: context.user)
        let knowledge = await knowledge(of: written.written.exchange)
        let request = try await check(written, knowledge)
        return ParsedSubmission(
            request: request, priority: written.priority, isForced: written.isForced,
            isPinned: written.isPinned,
            acceptance: SubmissionMessage.accepted(request, knowledge))
    }

    /// What Tardis has of the exchange, as far as can be found out in time.
    private func knowledge(of exchange: String?) async -> CatalogueLookup {
        if let exchange, let catalogue = parts.catalogue.catalogueInMemory(of: exchange) {
            return .known(catalogue)
        }
        let knowledge = await withTimeout(Self.cataloguePatience, sleep: parts.time.sleep) {
            [catalogue = parts.catalogue] in await catalogue.knowledge(of: exchange)
        }
        return knowledge ?? .unreachable("no answer in time")
    }

    private func check(
        _ submission: SubmissionReader, _ knowledge: CatalogueLookup
    ) async throws(APIError) -> DownloadRequest {
        var problems = submission.problems
        let path = await outputPath(submission.outputPath, &problems)
        var written = submission.written
        written.outputPath = path?.text ?? ""
        let reading = RequestValidator(today: parts.time.now.day, filesMax: parts.filesMax)
        switch await read(written, reading, knowledge) {
        case .understood(let request):
            if problems.isEmpty { return request }
        case .refused(let found):
            problems.insert(
                contentsOf: found.map(submission.locate), at: submission.problems.count)
        }
        throw .invalid(Array(problems.prefix(SubmissionReader.problemsMax)))
    }

    private func read(
        _ written: RawRequest, _ reading: RequestValidator, _ knowledge: CatalogueLookup
    ) async -> RequestValidator.Outcome {
        if RequestValidator.isShort(written, against: knowledge) {
            return reading.read(written, against: knowledge)
        }
        // Some exchanges have 250,000 symbols, and an unknown one is compared with all of them.
        return await LongComputation.run { reading.read(written, against: knowledge) }
    }

    private func outputPath(
        _ written: String?, _ problems: inout [ValidationProblem]
    ) async -> OutputPath? {
        do throws(OutputPathError) {
            let path = try OutputPath(written, below: parts.dataRoot)
            try path.checkForNewJob()
            // The root itself leads nowhere else.
            if !path.components.isEmpty, await parts.leavesRoot(path.components) {
                throw .linkLeadsOut(root: parts.dataRoot.text)
            }
            return path
        } catch {
            problems.append(
                .badValue(
                    ["body", "output_path"], error.description, input: .text(written)))
            return nil
        }
    }
}

/// Words acceptances and refusals.
enum SubmissionMessage {
    /// Symbols named before the rest is counted.
    private static let symbolsNamed = 3
    private static let textBytesUsual = 256

    /// What was understood, where it goes, and what was understood differently.
    static func accepted(
        _ request: DownloadRequest, _ knowledge: CatalogueLookup
    ) -> String {
        var text = accepted(
            files: request.fileCount, from: request.exchange,
            symbols: TextFormat.listed(request.symbols, atMost: symbolsNamed),
            types: request.dataTypes.map(\.name),
            days: (request.days.lowerBound.description, request.days.upperBound.description),
            to: request.outputPath, notes: request.notes)
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
