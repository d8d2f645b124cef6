// POST /download: understands a request, keeps it as a job, and only then says so. It must not know
// how jobs run.

import APITypes
import Datasets
import HTTP
import Jobs
import Logging

/// Accepts a job.
struct CreateJob: Endpoint {
    /// A client waits half a minute at most; whatever the catalogue has not said by then is
    /// checked when the job runs.
    private static let cataloguePatience = Duration.seconds(10)

    let parts: APIDependencies

    init(_ parts: APIDependencies) {
        self.parts = parts
    }

    var operation: Operation {
        Operation(
            method: .post, path: PathTemplate("/download"), identifier: "submit_download",
            summary: "Submit a download",
            details: "Accepts a job that downloads one file per symbol, data type and day, both "
                + "days included. It is on disk when the answer comes and runs in the background.",
            requestBody: "DownloadRequest",
            ownAnswers: [
                .init(
                    status: .accepted, details: "The job is kept and will run.",
                    content: .json(schema: "JobSubmitResponse"), headers: [.location]),
                .init(
                    status: .contentTooLarge, details: "The body is larger than any request is.",
                    content: .json(schema: "Error")),
                .invalid,
            ])
    }

    func answer(_ call: Call) async throws -> Response {
        let submission = SubmissionReader(try RequestBody.object(of: call.request))
        let knowledge = await knowledge(of: submission.written.exchange)
        let (request, path) = try await understand(submission, knowledge)
        let job = try await parts.store.insert(
            DownloadRequest(request, outputPath: path.text, createdBy: call.user),
            at: parts.time.now)
        parts.submitted()
        parts.logger.info(
            "job accepted",
            metadata: [
                "request": "\(call.request.id)", "job": "\(job.id)", "user": "\(call.user)",
                "files": "\(request.fileCount)",
            ])
        let answer = SubmitAnswer(
            jobID: job.id.rawValue,
            message: SubmissionMessage.text(request, to: path.text, knowledge),
            status: job.state.rawValue, notes: request.notes)
        return .json(.accepted, answer, Headers(["Location": "/jobs/\(job.id)"]))
    }

    /// What Tardis has of the exchange, as far as can be found out in time.
    private func knowledge(of exchange: String?) async -> CatalogueKnowledge {
        let knowledge = await Deadline.wait(CreateJob.cataloguePatience, by: parts.time) {
            [catalogue = parts.catalogue] in await catalogue.knowledge(of: exchange)
        }
        return knowledge ?? .unreachable("no answer in time")
    }

    /// The request with everything checked.
    ///
    /// - Throws: ``Refusal/invalid(_:)`` with all problems together.
    private func understand(
        _ submission: SubmissionReader, _ knowledge: CatalogueKnowledge
    ) async throws(Refusal) -> (UnderstoodRequest, OutputPath) {
        var problems = submission.problems
        let path = await outputPath(submission.outputPath, &problems)
        let reading = RequestReading(today: parts.time.now.day, filesMax: parts.filesMax)
        // Some exchanges have 250,000 symbols, and an unknown one is compared with all of them.
        let outcome = await LongComputation.run {
            reading.read(submission.written, against: knowledge)
        }
        switch outcome {
        case .understood(let request):
            if problems.isEmpty, let path { return (request, path) }
        case .refused(let found):
            problems.insert(
                contentsOf: found.map(submission.locate), at: submission.problems.count)
        }
        throw .invalid(Array(problems.prefix(SubmissionReader.problemsMax)))
    }

    private func outputPath(
        _ written: String?, _ problems: inout [ValidationProblem]
    ) async -> OutputPath? {
        do throws(OutputPathProblem) {
            let path = try OutputPath(written, below: parts.dataRoot)
            if await parts.leavesRoot(path.components) {
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
