// `download-client files`: shows the files of one job.

import APIClient
import APITypes
import ArgumentParser

/// Lists a job's files.
struct FilesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "files",
        abstract: "List a job's files, and why some are missing.",
        discussion: """
            EXAMPLES:
              download-client files 12
              download-client files 12 --state failed
            """)

    @Argument(help: ArgumentHelp("The number that submit printed.", valueName: "job"))
    var jobID: Int64

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Only files that are pending, running, ok, empty, unavailable, failed or cancelled.",
            valueName: "state"),
        completion: .list([
            "pending", "running", "ok", "empty", "unavailable", "failed", "cancelled",
        ]))
    var state: String?

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("How many files to show, 1 to 1000.", valueName: "n"))
    var limit = 100

    @Option(help: ArgumentHelp("How many files to pass over.", valueName: "n"))
    var offset = 0

    @OptionGroup(title: "Common options") var common: CommonOptions

    func run() async throws {
        let session = try common.session()
        let reply = try await session.files(
            of: jobID, state: state, limit: limit, offset: offset)
        let console = Console()
        if session.printsJSON {
            try console.print(json: reply.body)
        } else {
            let columns = Console.Stream.output.fittingColumns
            let lines = FileListText.table(reply.value, columns: columns)
            try console.print(lines.joined(separator: "\n"))
        }
    }
}
