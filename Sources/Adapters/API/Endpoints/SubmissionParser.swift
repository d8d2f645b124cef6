// Understands what POST /download is asked for. It must not know what becomes of it.

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
    func understand(_ call: RequestContext) async throws(APIError) -> ParsedSubmission {
        let written = SubmissionReader(try RequestBody.object(of: call.request))
        let knowledge = await knowledge(of: written.written.exchange)
        let (request, path) = try await check(written, knowledge)
        return ParsedSubmission(
            request: DownloadRequest(request, outputPath: path.text, createdBy: call.user),
            priority: written.priority, isForced: written.isForced, isPinned: written.isPinned,
            acceptance: SubmissionMessage.accepted(request, to: path.text, knowledge))
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
    ) async throws(APIError) -> (UnderstoodRequest, OutputPath) {
        var problems = submission.problems
        let path = await outputPath(submission.outputPath, &problems)
        let reading = RequestValidator(today: parts.time.now.day, filesMax: parts.filesMax)
        switch await read(submission.written, reading, knowledge) {
        case .understood(let request):
            if problems.isEmpty, let path { return (request, path) }
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
