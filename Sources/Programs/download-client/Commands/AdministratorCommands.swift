// `download-client resume-upstream` and `confirm-data-root`: what only administrators decide.

import APIClient
import APITypes
import ArgumentParser

/// Ends a pause of the upstream.
struct ResumeUpstreamCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume-upstream",
        abstract: "End a pause that Tardis asked for (administrators).",
        discussion: """
            Downloads pause by themselves while Tardis wants to be left alone: a quota is used up, \
            or the key is in use elsewhere. When that is mended earlier, they need not wait.

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
            Downloads stop when the data folder has become another file system since the last job: \
            a disk may be missing. When the new one is right, say so by this.

            EXAMPLE:
              download-client confirm-data-root
            """)

    @OptionGroup(title: "Common options") var common: CommonOptions

    func run() async throws {
        try await AdministratorDecision.run(
            "data-root/confirm", saying: "The data folder is confirmed.", common.session())
    }
}

/// Asks a route that needs no further words.
private enum AdministratorDecision {
    static func run(_ route: String, saying text: String, _ session: Session) async throws {
        let reply = try await session.decide(route)
        if session.printsJSON {
            try Console().print(json: reply.body)
        } else {
            try Console().print("✅ \(text)")
        }
    }
}
