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

            EXAMPLE:
              download-client submit --exchange binance --symbols BTC-USDT ETH-USDT \\
                  --start-date 2024-01-01 --end-date 2024-01-02 --data-types trades quotes
            """)

    @OptionGroup(title: "Request options") var request: RequestOptions

    @Flag(help: "Follow the job to its end, as `watch` does.")
    var watch = false

    @OptionGroup(title: "Common options") var common: CommonOptions

    func run() async throws {
        try await SubmitCommand.submit(request.request, watches: watch, common.session())
    }

    /// Submits and prints; with `watches`, JSON is printed once, for the job as it ended.
    static func submit(
        _ request: SubmitRequest, watches: Bool, _ session: Session
    ) async throws {
        let reply = try await session.submit(request)
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
