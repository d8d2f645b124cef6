// `download-client events`: shows what happened to jobs, and why they wait.

import APIClient
import APITypes
import ArgumentParser

/// Lists the events of jobs.
struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Show what happened to jobs, and why they wait.",
        discussion: """
            EXAMPLES:
              download-client events 12
              download-client events 12 13 --limit 20
            """)

    @OptionGroup var jobs: JobNumbers

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("How many events of each job to show, 1 to 1000.", valueName: "n"))
    var limit = 100

    @Option(help: ArgumentHelp("How many events of each job to pass over.", valueName: "n"))
    var offset = 0

    @OptionGroup(title: "Common options") var common: CommonOptions

    func run() async throws {
        let session = try common.session()
        try await jobs.each(session) { id, console in
            let reply = try await session.events(of: id, limit: limit, offset: offset)
            if session.printsJSON {
                try console.print(json: reply.body)
            } else {
                let columns = Console.Stream.output.fittingColumns
                let lines = EventListText.lines(reply.value, columns: columns)
                try console.print(lines.joined(separator: "\n"))
            }
        }
    }
}
