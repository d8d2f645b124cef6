// The program's command line as a whole: its subcommands and its help.

import APITypes
import ArgumentParser

/// `download-client`
struct RootCommand: AsyncParsableCommand {
    /// All ways to call the program.
    static let usage = """
        download-client <subcommand> [options]
        download-client --exchange <name> --symbols <symbol> ... --start-date <day> --end-date <day>
        download-client --job-id <id>
        download-client --list-jobs [--limit <n>]
        download-client --help
        """

    static let configuration = CommandConfiguration(
        commandName: "download-client",
        abstract: "Submit downloads of market data to the service and follow their progress.",
        usage: usage,
        discussion: """
            EXAMPLES:
              Submit two days of trades and follow the job to its end:
                download-client submit --exchange binance --symbols BTC-USDT ETH-USDT \\
                    --start-date 2024-01-01 --end-date 2024-01-02 --watch

              Show job 12, follow it, list the latest jobs:
                download-client status 12
                download-client watch 12
                download-client list

              List its files, verify them again, keep its manifest:
                download-client files 12
                download-client verify 12
                download-client manifest 12 > manifest.json

              Cancel, pause or resume it, retry failed files, see its history:
                download-client cancel 12
                download-client pause 12
                download-client resume 12
                download-client retry 12
                download-client events 12

              Show the service's limits; administrators may change them:
                download-client limits
                download-client limits --set transfers=8

              A service on another machine, and its token:
                export DOWNLOAD_SERVICE_URL=http://data:8000 API_TOKEN=...
                download-client list

            The flags of client.py work as before, without a subcommand: those of the usage below, \
            --data-types and --output-path.

            EXIT STATUS:
              0    done
              1    a watched job failed or was cancelled
              2    a mistake on the command line; nothing was sent
              3    a watched job has accepted gaps, or verify found files not as recorded
              4    the service cannot be reached, or refuses
              130  Ctrl-C; a watched job goes on
            The flags of client.py end with 1 for every error, as they did.

            COMPLETION of subcommands, options and values in bash, zsh and fish:
              source <(download-client --generate-completion-script bash)
            """,
        version: "download-client \(ReleaseVersion.current)",
        subcommands: [
            SubmitCommand.self, StatusCommand.self, ListCommand.self, WatchCommand.self,
            FilesCommand.self, EventsCommand.self, VerifyCommand.self, CancelCommand.self,
            RetryCommand.self, PauseCommand.self, ResumeCommand.self, AcceptCommand.self,
            PinCommand.self, UnpinCommand.self, ManifestCommand.self, LimitsCommand.self,
            ResumeUpstreamCommand.self, ConfirmDataRootCommand.self, LegacyFlags.self,
        ],
        defaultSubcommand: LegacyFlags.self)

    /// Declared here, too, so that these options may precede the subcommand.
    @OptionGroup var common: CommonOptions
}
