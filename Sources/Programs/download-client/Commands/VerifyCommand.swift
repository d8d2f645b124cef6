// `download-client verify`: has a job's files proven again.

import APIClient
import APITypes
import ArgumentParser

/// Verifies a job and follows it to its end.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Have a job's files proven again from disk.",
        discussion: """
            The service reads every published file and compares it with what it was. A damaged one \
            is put aside as NAME.quarantine; that, or a missing one, is fetched again. Exits with 0 \
            when all files are what they should be in the end.

            EXAMPLE:
              download-client verify 12
            """)

    @Argument(help: ArgumentHelp("The number that submit printed.", valueName: "job"))
    var jobID: Int64

    @OptionGroup(title: "Common options") var common: CommonOptions

    func run() async throws {
        let session = try common.session()
        let reply = try await session.verify(jobID)
        if !session.printsJSON {
            try Console().print("🔎 \(HarmlessText.line(reply.value.message))")
        }
        try await JobWatcher(jobID, session: session).run(isKnown: true)
    }
}
