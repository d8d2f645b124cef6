// `download-client submit`: asks for datasets.

import APIClient
import APITypes
import ArgumentParser

/// Submits a job.
struct SubmitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit",
        abstract: "Submit a download of datasets.",
        discussion: """
            Prints the number of the job as soon as the service has it on disk. The service then \
            works on its own: this program may end.

            If the same request is already in progress, its job is the answer. \
            Each submission has an Idempotency-Key: it can be sent again after a broken connection \
            without making a second job.

            Lists may be written with blanks or commas, in quotes or not. A blank that is part of a \
            symbol is written after a backslash.

            EXAMPLES:
              download-client submit --exchange binance --symbols BTC-USDT ETH-USDT \\
                  --start-date 2024-01-01 --end-date 2024-01-02 --data-types trades quotes
              download-client submit --exchange binance --symbols BTC-USDT,ETH-USDT \\
                  --start-date -7d --end-date yesterday
            """)

    @OptionGroup(title: "Request options") var request: RequestOptions

    @OptionGroup(title: "Job options") var options: SubmissionOptions

    @Flag(help: "Follow the job to its end, as `watch` does.")
    var watch = false

    @OptionGroup(title: "Common options") var common: CommonOptions

    func run() async throws {
        let key = try options.idempotencyKey.map(SubmissionKey.checked)
        try await SubmitCommand.submit(
            options.added(to: request.request()), key: key, watches: watch, common.session())
    }

    /// Submits and prints; with `watches`, JSON is printed once, for the job as it ended.
    ///
    /// - Parameter key: the Idempotency-Key, `nil` for a new one.
    static func submit(
        _ request: SubmitRequest, key: String? = nil, watches: Bool, _ session: Session
    ) async throws {
        let submitter = Submitter(session: session, key: key ?? SubmissionKey.random())
        let reply = try await submitter.submit(request)
        let id = reply.value.jobID
        if watches, session.printsJSON {
            session.console.printError("Job \(id)")
        } else {
            try session.print(reply) { JobText.submission($0, program: session.program) }
        }
        if watches { try await JobWatcher(id, session: session).run(isKnown: true) }
    }
}
