// The command line of the predecessor's client.py: flags without a subcommand. Scripts depend on
// every one of them.

import APIClient
import APITypes
import ArgumentParser

/// Submits, shows or lists by the flags given, as client.py did.
struct LegacyFlags: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "classic",
        abstract: "The flags of client.py.",
        usage: RootCommand.usage,
        shouldDisplay: false,
        // Its name is no word of the command line: help is the program's, by the flag below.
        helpNames: [])

    @Option(help: "The exchange, such as binance.")
    var exchange: String?

    @Option(parsing: .upToNextOption, help: "One or more symbols.")
    var symbols: [String] = []

    @Option(parsing: .unconditional, help: "The first day, YYYY-MM-DD.")
    var startDate: String?

    @Option(parsing: .unconditional, help: "The last day, YYYY-MM-DD.")
    var endDate: String?

    @Option(
        parsing: .upToNextOption, help: "One or more kinds of data (default: trades).",
        completion: RequestOptions.dataTypes)
    var dataTypes: [String] = []

    @Option(help: "A folder in the service's data folder.")
    var outputPath: String?

    @Option(help: "Show this job.")
    var jobId: Int64?

    @Flag(help: "List the latest jobs.")
    var listJobs = false

    @Option(help: "How many jobs to list.")
    var limit = 20

    @Flag(name: .shortAndLong, help: "Show the program's help.")
    var help = false

    @OptionGroup(title: "Common options") var common: CommonOptions

    /// What the flags ask for. A job's number wins over the list, the list over a submission.
    enum Operation: Equatable {
        case show(Int64)
        case list
        case submit
    }

    /// - Throws: ``UsageMistake`` naming what is missing.
    func operation() throws(UsageMistake) -> Operation {
        if let jobId, jobId != 0 { return .show(jobId) }
        if listJobs { return .list }
        let missing = [
            ("--exchange", exchange?.isEmpty ?? true), ("--symbols", symbols.isEmpty),
            ("--start-date", startDate?.isEmpty ?? true), ("--end-date", endDate?.isEmpty ?? true),
        ].filter(\.1).map(\.0)
        guard missing.isEmpty else {
            throw UsageMistake(
                message: """
                    to ask for data, --exchange, --symbols, --start-date and --end-date are needed; \
                    missing: \(missing.joined(separator: ", ")). See download-client --help
                    """)
        }
        return .submit
    }

    func run() async throws {
        if help { throw CleanExit.helpRequest(RootCommand.self) }
        let operation = try operation()
        let session = try common.session()
        switch operation {
        case .show(let id): try await StatusCommand.show(id, session)
        case .list: try await list(session)
        case .submit: try await SubmitCommand.submit(request(), watches: false, session)
        }
    }

    /// The request that the flags make, where ``operation()`` is a submission.
    ///
    /// - Throws: ``UsageMistake``
    func request() throws(UsageMistake) -> SubmitRequest {
        try RequestOptions.request(
            exchange: exchange ?? "", symbols: symbols, startDate: startDate ?? "",
            endDate: endDate ?? "", dataTypes: dataTypes, outputPath: outputPath)
    }

    private func list(_ session: Session) async throws {
        let reply = try await session.send(.listing) {
            try await $0.list(JobListQuery(limit: limit))
        }
        try session.print(reply) {
            JobListText.legacy($0, columns: Console.Stream.output.fittingColumns)
        }
    }
}
