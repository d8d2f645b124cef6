// `download-client status`, `list`, `files` and `events`: show jobs and change nothing.

import APIClient
import APITypes
import ArgumentParser

/// Shows a job once.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show one job.",
        discussion: """
            Exits with 0 for every outcome of the job; the exit status of `watch` says which.

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
        let reply = try await session.send { try await $0.job(id) }
        try session.print(reply) { JobText.details($0, program: session.program) }
    }
}

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

    @Option(help: ArgumentHelp("How many of the latest jobs to skip.", valueName: "n"))
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
        help: ArgumentHelp("Only jobs of this user.", valueName: "name"))
    var createdBy: String?

    @OptionGroup(title: "Common options") var common: CommonOptions

    /// The listing as the service takes it.
    var query: JobListQuery {
        JobListQuery(
            limit: limit, offset: offset, status: status, user: createdBy, exchange: exchange)
    }

    func run() async throws {
        let session = try common.session()
        let reply = try await session.send(.listing) { try await $0.list(query) }
        try session.print(reply) {
            JobListText.table($0, columns: Console.Stream.output.fittingColumns)
        }
    }
}

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

    @Option(help: ArgumentHelp("How many files to skip.", valueName: "n"))
    var offset = 0

    @OptionGroup(title: "Common options") var common: CommonOptions

    func run() async throws {
        let session = try common.session()
        let reply = try await session.send {
            try await $0.files(of: jobID, state: state, limit: limit, offset: offset)
        }
        try session.print(reply) {
            FileListText.table($0, columns: Console.Stream.output.fittingColumns)
        }
    }
}

/// Lists the events of jobs.
struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Show the events of jobs, and why they wait.",
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

    @Option(help: ArgumentHelp("How many events of each job to skip.", valueName: "n"))
    var offset = 0

    @OptionGroup(title: "Common options") var common: CommonOptions

    func run() async throws {
        try await jobs.each(
            common.session(),
            ask: { try await $0.events(of: $1, limit: limit, offset: offset) },
            print: { EventListText.lines($0, columns: Console.Stream.output.fittingColumns) })
    }
}
