// `download-client limits`: shows the service's limits, and changes them.

import APIClient
import APITypes
import ArgumentParser
import JSON

/// Shows or changes limits.
struct LimitsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limits",
        abstract: "Show the service's limits, or change them.",
        discussion: """
            The limits are transfers, running_jobs, requests_per_second, bytes_per_second, \
            user_queued_jobs, user_files_per_day, user_submissions_per_minute, \
            user_commands_per_minute and user_verifications_per_minute; 0 is no limit for all but \
            the first two. Only administrators may change them; a change counts at once and outlives restarts.

            EXAMPLES:
              download-client limits
              download-client limits --set transfers=8 --set bytes_per_second=20000000
              download-client limits --set transfers=default
            """)

    @Option(
        help: ArgumentHelp(
            "Set a limit to a whole number, or back to its default. May be given several times.",
            valueName: "limit=n"))
    var set: [String] = []

    @OptionGroup(title: "Common options") var common: CommonOptions

    /// What is to be changed, as the service takes it.
    ///
    /// - Throws: ``UsageMistake`` for anything that is not `limit=number` or `limit=default`. Which
    ///   limits there are is the service's to say.
    func changes() throws(UsageMistake) -> JSONValue {
        var changes: JSONValue = [:]
        for text in set {
            let parts = text.split(separator: "=", omittingEmptySubsequences: false)
            let value = parts.last.map(String.init) ?? ""
            guard parts.count == 2, !parts[0].isEmpty, value == "default" || Int(value) != nil
            else {
                throw UsageMistake(
                    message: "--set takes limit=number or limit=default, such as transfers=8, "
                        + "not '\(text)'")
            }
            changes[String(parts[0])] = Int(value).map { .integer($0) } ?? .null
        }
        return changes
    }

    func run() async throws {
        let changes = try changes()
        let session = try common.session()
        let reply = set.isEmpty ? try await session.limits() : try await session.change(changes)
        let console = Console()
        if session.printsJSON {
            try console.print(json: reply.body)
        } else {
            let columns = Console.Stream.output.fittingColumns
            let lines = LimitsText.table(reply.value, columns: columns)
            try console.print(lines.joined(separator: "\n"))
        }
    }
}
