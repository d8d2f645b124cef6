// `download-client submit`: asks for datasets.

import APIClient
import APITypes
import ArgumentParser

/// Submits a job.
struct SubmitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit",
        abstract: "Ask for datasets.",
        discussion: """
            Prints the number of the job as soon as the service has it on disk. The service then \
            works on its own: this program is not needed any more.

            Where the same was asked for before and is not done yet, that job is the answer.
            Each submission has an Idempotency-Key, so that it is sent again without making a
            second job where the connection breaks.
            Lists may be written with blanks or commas, in quotes or not. A blank that is part of a
            symbol is written after a backslash.

            EXAMPLES:
              download-client submit --exchange binance --symbols BTC-USDT ETH-USDT \\
                  --start-date 2024-01-01 --end-date 2024-01-02 --data-types trades quotes
              download-client submit --exchange binance --symbols BTC-USDT,ETH-USDT \\
                  --start-date -7d --end-date yesterday
            """)

    @OptionGroup(title: "Request options") var request: RequestOptions

    @OptionGroup(title: "Job options") var wishes: SubmissionOptions

    @Flag(help: "Follow the job to its end, as `watch` does.")
    var watch = false

    @OptionGroup(title: "Common options") var common: CommonOptions

    func run() async throws {
        let key = try wishes.idempotencyKey.map(SubmissionKey.checked)
        try await SubmitCommand.submit(
            wishes.added(to: request.request()), key: key, watches: watch, common.session())
    }

    /// Submits and prints; with `watches`, JSON is printed once, for the job as it ended.
    ///
    /// - Parameter key: the Idempotency-Key, `nil` for a new one.
    static func submit(
        _ request: SubmitRequest, key: String? = nil, watches: Bool, _ session: Session
    ) async throws {
        let submitter = Submitter(session: session, key: key ?? SubmissionKey.random())
        let reply = try await submitter.submit(request)
        let console = Console()
        if !session.printsJSON {
            let lines = JobText.submission(reply.value, program: session.program)
            try console.print(lines.joined(separator: "\n"))
        } else if watches {
            console.complain("Job \(reply.value.jobID)")
        } else {
            try console.print(json: reply.body)
        }
        guard watches else { return }
        try await JobWatcher(reply.value.jobID, session: session).run(isKnown: true)
    }
}
