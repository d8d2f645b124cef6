// `download-client watch`: follows one job to its end.

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
            job goes on. With --json the progress goes to standard error, and the job as it ended to standard output.

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
