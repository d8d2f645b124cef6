// `download-client limits`, `resume-upstream` and `confirm-data-root`: the service's own settings.

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
            the first two. Only administrators may change them; a change applies at once and survives restarts.

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

    /// The limits to change, as the service takes them.
    ///
    /// - Throws: ``UsageMistake`` for anything that is not `limit=number` or `limit=default`. The
    ///   service knows which limits exist.
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
        let isRead = set.isEmpty
        let reply = try await session.send(.limits) {
            isRead ? try await $0.limits() : try await $0.changeLimits(changes)
        }
        try session.print(reply) {
            LimitsText.table($0, columns: Console.Stream.output.fittingColumns)
        }
    }
}

/// Ends a pause of the upstream.
struct ResumeUpstreamCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume-upstream",
        abstract: "End a pause that Tardis asked for (administrators).",
        discussion: """
            Downloads pause by themselves while a quota of Tardis is used up or the key is in use \
            elsewhere. When the cause is removed earlier, this ends the pause at once.

            EXAMPLE:
              download-client resume-upstream
            """)

    @OptionGroup(title: "Common options") var common: CommonOptions

    func run() async throws {
        try await AdministratorDecision.run(
            "upstream/resume", saying: "Downloads from Tardis go on.", common.session())
    }
}

/// Confirms that another file system holds the data root.
struct ConfirmDataRootCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "confirm-data-root",
        abstract: "Confirm that the data folder is the right one (administrators).",
        discussion: """
            Downloads stop when the data folder is on another file system than at the last job: a \
            disk may be missing. If the new one is right, confirm it.

            EXAMPLE:
              download-client confirm-data-root
            """)

    @OptionGroup(title: "Common options") var common: CommonOptions

    func run() async throws {
        try await AdministratorDecision.run(
            "data-root/confirm", saying: "The data folder is confirmed.", common.session())
    }
}

/// Sends a request that has no body.
private enum AdministratorDecision {
    static func run(_ route: String, saying text: String, _ session: Session) async throws {
        let reply = try await session.send(.limits) { try await $0.decide(route) }
        try session.print(reply) { _ in ["✅ \(text)"] }
    }
}
