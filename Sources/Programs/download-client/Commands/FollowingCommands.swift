// `download-client watch` and `verify`: follow a job to its end.

import APIClient
import APITypes
import ArgumentParser

/// Follows a job.
struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Follow one job to its end.",
        discussion: """
            Shows a line of progress on a terminal, and a new line for every change elsewhere. \
            Exits with 0 when the job completed, with 1 when it failed or was cancelled, and with 3 \
            when it completed with accepted gaps. Ctrl-C stops the watching and exits with 130; the \
            job goes on. With --json the progress goes to standard error, and the ended job to standard output.

            EXAMPLE:
              download-client watch 12 && ls datasets
            """)

    @Argument(help: ArgumentHelp("The number that submit printed.", valueName: "job"))
    var jobID: Int64

    @OptionGroup(title: "Common options") var common: CommonOptions

    func run() async throws {
        try await JobWatcher(jobID, session: common.session()).run(isKnown: false)
    }
}

/// Verifies a job and follows it to its end.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verify a job's files on disk again.",
        discussion: """
            The service reads every published file and compares it with its record. A \
            damaged file is renamed to NAME.quarantine; damaged and missing files are fetched again. \
            Where Tardis has other bytes than recorded by now, they are left out unless \
            --accept-revision is given, and the former digest stays in the record. \
            Exits with 0 when all files are as recorded, and with 3 when any was not.

            EXAMPLES:
              download-client verify 12
              download-client verify 12 --accept-revision
            """)

    @Argument(help: ArgumentHelp("The number that submit printed.", valueName: "job"))
    var jobID: Int64

    @Flag(help: "Accept files that Tardis has changed since they were recorded.")
    var acceptRevision = false

    @OptionGroup(title: "Common options") var common: CommonOptions

    func run() async throws {
        let session = try common.session()
        let reply = try await session.send {
            try await $0.verify(jobID, takesRevisions: acceptRevision)
        }
        if !session.printsJSON {
            try session.console.print("🔎 \(TerminalSafeText.line(reply.value.message))")
        }
        try await JobWatcher(jobID, session: session).run(
            isKnown: true,
            outcome: { job in
                VerificationText.outcome(
                    job, takesRevisions: acceptRevision, program: session.program)
            },
            status: VerificationText.exitStatus)
    }
}
