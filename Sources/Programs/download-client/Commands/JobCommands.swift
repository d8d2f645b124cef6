// `download-client cancel`, `retry`, `pause` and `resume`: change the state of jobs.

import APIClient
import APITypes
import ArgumentParser

/// Cancels jobs.
struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Cancel jobs that have not ended.",
        discussion: """
            Transfers end at once; verified files stay. A cancelled job can be \
            retried. For your own jobs; administrators may cancel any.

            EXAMPLES:
              download-client cancel 12
              download-client cancel 12 13 14
            """)

    @OptionGroup var jobs: JobNumbers
    @OptionGroup(title: "Common options") var common: CommonOptions

    func run() async throws {
        try await jobs.act(.cancel, common.session())
    }
}

/// Retries failed and cancelled files.
struct RetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Retry the failed and cancelled files of jobs.",
        discussion: """
            Verified files are not fetched again. Follow the job with watch. For your own \
            jobs; administrators may retry any.

            EXAMPLE:
              download-client retry 12
            """)

    @OptionGroup var jobs: JobNumbers
    @OptionGroup(title: "Common options") var common: CommonOptions

    func run() async throws {
        try await jobs.act(.retry, common.session())
    }
}

/// Pauses jobs.
struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Pause jobs until they are resumed.",
        discussion: """
            A paused job keeps its files and frees its transfers. For your own jobs; \
            administrators may pause any.

            EXAMPLE:
              download-client pause 12
            """)

    @OptionGroup var jobs: JobNumbers
    @OptionGroup(title: "Common options") var common: CommonOptions

    func run() async throws {
        try await jobs.act(.pause, common.session())
    }
}

/// Resumes paused jobs.
struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Resume paused jobs.",
        discussion: """
            EXAMPLE:
              download-client resume 12
            """)

    @OptionGroup var jobs: JobNumbers
    @OptionGroup(title: "Common options") var common: CommonOptions

    func run() async throws {
        try await jobs.act(.resume, common.session())
    }
}

extension JobNumbers {
    /// Sends one command to each job.
    fileprivate func act(_ command: JobCommandName, _ session: Session) async throws {
        try await each(
            session, ask: { try await $0.act(command, on: $1) },
            print: { [JobText.outcome(of: command, $0)] })
    }
}
