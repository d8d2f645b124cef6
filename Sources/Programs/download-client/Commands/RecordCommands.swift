// `download-client accept`, `pin`, `unpin` and `manifest`: the records of jobs.

import APIClient
import APITypes
import ArgumentParser

/// Accepts gaps that Tardis has.
struct AcceptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept",
        abstract: "Accept gaps: files of a job that Tardis does not have.",
        discussion: """
            For files that Tardis permanently does not have. The job completes without them; its \
            manifest names them. For your own jobs; administrators may do it for any.

            EXAMPLES:
              download-client accept 12
              download-client accept 12 binance_trades_2024-06-10_BTCUSDT.csv.gz
            """)

    @Argument(help: ArgumentHelp("The number that submit printed.", valueName: "job"))
    var jobID: Int64

    @Argument(help: ArgumentHelp("Only these files (default: all such gaps).", valueName: "file"))
    var files: [String] = []

    @OptionGroup(title: "Common options") var common: CommonOptions

    func run() async throws {
        let session = try common.session()
        let reply = try await session.send { try await $0.acceptGaps(of: jobID, files: files) }
        try session.print(reply) {
            [WatchText.change($0)] + JobText.fact("Dataset digest", $0.datasetDigest)
        }
    }
}

/// Keeps jobs.
struct PinCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pin",
        abstract: "Keep the records of jobs without an age limit.",
        discussion: """
            Unless pinned, a job with its checksums and its digest is removed some time after its end.

            EXAMPLE:
              download-client pin 12
            """)

    @OptionGroup var jobs: JobNumbers
    @OptionGroup(title: "Common options") var common: CommonOptions

    func run() async throws {
        try await jobs.each(
            common.session(), ask: { try await $0.pin($1, true) },
            print: { ["📌 Job \($0.id) is pinned: it is kept however old it gets."] })
    }
}

/// Lets pinned jobs be removed again.
struct UnpinCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unpin",
        abstract: "End the exemption of pinned jobs from removal by age.",
        discussion: """
            EXAMPLE:
              download-client unpin 12
            """)

    @OptionGroup var jobs: JobNumbers
    @OptionGroup(title: "Common options") var common: CommonOptions

    func run() async throws {
        try await jobs.each(
            common.session(), ask: { try await $0.pin($1, false) },
            print: { ["Job \($0.id) is not pinned: it is removed some time after its end."] })
    }
}

/// Prints a job's manifest.
struct ManifestCommand: AsyncParsableCommand {
    /// The forms of a manifest.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case json
        case sha256sums
    }

    static let configuration = CommandConfiguration(
        commandName: "manifest",
        abstract: "Print the checksums of a job's files, to keep beside them.",
        discussion: """
            EXAMPLES:
              download-client manifest 12 > manifest.json
              download-client manifest 12 --format sha256sums | (cd datasets && sha256sum -c)
            """)

    @Argument(help: ArgumentHelp("The number that submit printed.", valueName: "job"))
    var jobID: Int64

    @Option(name: .shortAndLong, help: "What to print.")
    var format = Format.json

    @OptionGroup(title: "Common options") var common: CommonOptions

    func run() async throws {
        let session = try common.session()
        let text = try await session.send {
            try await $0.manifest(of: jobID, isSums: format == .sha256sums)
        }
        if !text.isEmpty { try session.console.print(json: text) }
    }
}
