// `download-client status`: looks at one job.

import APIClient
import ArgumentParser

/// Shows a job once.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Look at one job.",
        discussion: """
            Exits with 0 whatever became of the job; `watch` tells by its exit status.

            EXAMPLE:
              download-client status 12
            """)

    @Argument(help: ArgumentHelp("The number that submit printed.", valueName: "job"))
    var jobID: Int64

    @OptionGroup(title: "Common options") var common: CommonOptions

    func run() async throws {
        try await StatusCommand.show(jobID, common.session())
    }

    static func show(_ id: Int64, _ session: Session) async throws {
        let reply = try await session.job(id)
        let console = Console()
        if session.printsJSON {
            try console.print(json: reply.body)
        } else {
            try console.print(
                JobText.details(reply.value, program: session.program).joined(separator: "\n"))
        }
    }
}
