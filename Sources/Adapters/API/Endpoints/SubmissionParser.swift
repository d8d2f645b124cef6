// Checks what POST /download asks for, and words the response.

import APITypes
import Concurrency
import Datasets
import HTTP
import JSON
import Jobs

/// A validated submission, and the sentences of its acceptance.
struct ParsedSubmission: Sendable {
    let request: DownloadRequest
    let options: SubmissionOptions
    /// The message of an acceptance.
    let acceptance: String

    /// The content of the response.
    func content(about job: Job, isDuplicate: Bool) -> [UInt8] {
        let message =
            isDuplicate
            ? SubmissionMessage.duplicate(of: job, lacking: options)
            : acceptance
        return JSONCoding.encode(
            SubmitResponse(
                jobID: job.id.rawValue, message: message, status: job.state.rawValue,
                notes: request.notes, duplicateOf: isDuplicate ? job.id.rawValue : nil))
    }
}

extension StoredSubmission {
    /// The content of the first response again, made from the job as it was then, without what only
    /// the first one says: that the catalogue is unreachable, that a duplicate keeps its priority.
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
                ? SubmissionMessage.duplicate(of: job, lacking: SubmissionOptions())
                : SubmissionMessage.accepted(job, files: files, notes: notes)
        }
        let id = self.job.rawValue
        return JSONCoding.encode(
            SubmitResponse(
                jobID: id, message: message, status: state.rawValue, notes: notes,
                duplicateOf: isDuplicate ? id : nil))
    }
}

/// Validates submissions. Suspends only where the catalogue is not in memory, a folder has to be
/// checked, or a request is long.
struct SubmissionParser {
    /// A client waits half a minute at most; without a catalogue by then, the request is checked
    /// when the job runs.
    private static let cataloguePatience = Duration.seconds(10)

    let dependencies: APIDependencies

    /// - Throws: ``APIError/invalid(_:)`` with all problems together.
    func parse(_ context: RequestContext) async throws(APIError) -> ParsedSubmission {
        let reader = SubmissionReader(
            try RequestBody.object(of: context.request), from: context.user)
        let lookup = await lookUp(reader.request.exchange)
        let request = try await validate(reader, lookup)
        return ParsedSubmission(
            request: request, options: reader.options,
            acceptance: SubmissionMessage.accepted(request, lookup))
    }

    /// The catalogue of the exchange, where it is available in time.
    private func lookUp(_ exchange: String?) async -> CatalogueLookup {
        if let exchange, let catalogue = dependencies.catalogue.catalogueInMemory(of: exchange) {
            return .known(catalogue)
        }
        let lookup = await withTimeout(Self.cataloguePatience, sleep: dependencies.time.sleep) {
            [catalogue = dependencies.catalogue] in await catalogue.lookup(of: exchange)
        }
        return lookup ?? .unreachable("no answer in time")
    }

    private func validate(
        _ submission: SubmissionReader, _ lookup: CatalogueLookup
    ) async throws(APIError) -> DownloadRequest {
        var problems = submission.problems
        let path = await outputPath(submission.outputPath, &problems)
        var request = submission.request
        request.outputPath = path?.text ?? ""
        let validator = RequestValidator(
            today: dependencies.time.now.day, filesMax: dependencies.filesMax)
        switch await validate(request, validator, lookup) {
        case .valid(let request):
            if problems.isEmpty { return request }
        case .invalid(let found):
            problems.insert(
                contentsOf: found.map(submission.problem), at: submission.problems.count)
        }
        throw .invalid(Array(problems.prefix(BodyReader.problemsMax)))
    }

    private func validate(
        _ request: RawRequest, _ validator: RequestValidator, _ lookup: CatalogueLookup
    ) async -> RequestValidator.Outcome {
        if RequestValidator.isShort(request, against: lookup) {
            return validator.validate(request, against: lookup)
        }
        // Some exchanges have 250,000 symbols, and an unknown one is compared with all of them.
        return await LongComputation.run { validator.validate(request, against: lookup) }
    }

    private func outputPath(
        _ text: String?, _ problems: inout [ValidationProblem]
    ) async -> OutputPath? {
        do throws(OutputPathError) {
            let path = try OutputPath(text, below: dependencies.dataRoot)
            try path.checkForNewJob()
            // The root itself cannot leave the root.
            if !path.components.isEmpty, await dependencies.leavesRoot(path.components) {
                throw .linkLeadsOut(root: dependencies.dataRoot.text)
            }
            return path
        } catch {
            problems.append(
                .badValue(
                    ["body", "output_path"], error.description, input: .text(text)))
            return nil
        }
    }
}

/// The sentences of acceptances and of quotas that are used up.
enum SubmissionMessage {
    /// Symbols named before the rest is counted.
    private static let symbolsNamed = 3
    private static let textBytesUsual = 256

    /// What the job downloads, where to, and what differs from the request as written.
    static func accepted(
        _ request: DownloadRequest, _ lookup: CatalogueLookup
    ) -> String {
        var text = accepted(
            files: request.fileCount, from: request.exchange,
            symbols: TextFormat.listed(request.symbols, atMost: symbolsNamed),
            types: request.dataTypes.map(\.name),
            days: (request.days.lowerBound.description, request.days.upperBound.description),
            to: request.outputPath, notes: request.notes)
        if case .unreachable = lookup {
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
        // Reserved, or the text would be copied each time it outgrows its memory.
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

    /// For a repeated submission whose job retention has removed.
    static func removed(_ id: JobID) -> String {
        "This was submitted before as job \(id), which has ended and was removed since. Send it "
            + "with another Idempotency-Key for a new job."
    }

    /// Which active job is equal to the request, and which options of the request it lacks.
    static func duplicate(of job: Job, lacking options: SubmissionOptions) -> String {
        let state = job.control.isPaused ? "paused, until it is resumed" : job.state.rawValue
        let sentences = [
            "You have asked for exactly this before: job \(job.id), which is \(state). "
                + "No new job was made; send \"force\": true for one."
        ]
        return (sentences + options.lacks(of: job)).joined(separator: " ")
    }

    /// Which limit is reached, the variable that sets it, and what to do.
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
                + "\(TextFormat.grouped(most)) in a day (USER_FILES_PER_DAY_MAX). The next day "
                + "begins at 00:00 UTC."
        }
    }
}
