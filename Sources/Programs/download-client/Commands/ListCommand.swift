// `download-client list`: shows the latest jobs.

import APIClient
import ArgumentParser

/// Lists jobs, newest first.
struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the latest jobs.",
        discussion: """
            EXAMPLES:
              download-client list --status failed
              download-client list --created-by alice --limit 50
              download-client list -b alice -s running -n 5
            """)

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("How many jobs to show, 1 to 500.", valueName: "n"))
    var limit = 20

    @Option(help: ArgumentHelp("How many of the latest jobs to pass over.", valueName: "n"))
    var offset: Int?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Only jobs that are pending, running, completed, failed or cancelled.",
            valueName: "status"),
        completion: .list(["pending", "running", "completed", "failed", "cancelled"]))
    var status: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Only jobs on this exchange.", valueName: "name"))
    var exchange: String?

    @Option(
        name: [.customShort("b"), .long],
        help: ArgumentHelp("Only jobs that this user asked for.", valueName: "name"))
    var createdBy: String?

    @OptionGroup(title: "Common options") var common: CommonOptions

    /// The listing as the service takes it.
    var query: JobListQuery {
        JobListQuery(
            limit: limit, offset: offset, status: status, user: createdBy, exchange: exchange)
    }

    func run() async throws {
        let session = try common.session()
        let reply = try await session.list(query)
        let console = Console()
        if session.printsJSON {
            try console.print(json: reply.body)
        } else {
            let columns = Console.Stream.output.fittingColumns
            let lines = JobListText.table(reply.value, columns: columns)
            try console.print(lines.joined(separator: "\n"))
        }
    }
}
