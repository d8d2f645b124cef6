// The stand-in's command line.

import ArgumentParser
import Datasets

/// Runs the command, away from the main actor that top-level code would be on.
nonisolated func runSandbox() {
    SandboxCommand.main()
}

/// Options, and the settings that they make.
struct SandboxCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tardis-sandbox",
        abstract: "A stand-in for Tardis.dev and Telegram, for demos, tests and benchmarks.",
        discussion: """
            Serves generated datasets, the catalogue and the Bot API under one port, and the object \
            storage of paid days under a second one. Point the service at it with

              TARDIS_DATASETS_URL=http://127.0.0.1:PORT/v1
              TARDIS_API_URL=http://127.0.0.1:PORT/v1
              TELEGRAM_API_URL=http://127.0.0.1:PORT

            Prints one line of JSON with both ports when it is ready, and stops on SIGTERM.

            Faults are scripted by PUT (replace) or POST (append) of a JSON list to \
            /_sandbox/faults, or by --faults:

              [{"match":"/v1/binance/trades/*","times":2,"fault":"unavailable"},
               {"match":"*/ETHUSDT.csv.gz","skip":1,"times":0,"fault":{"close_after":1000}}]

            match is a prefix, or a pattern with * and ?; the bytes of paid days come from paths \
            that begin with /tardis-datasets, and a bot's path reads /bot<token>/METHOD. times is \
            how many requests are hit (1; 0 means all). A fault is a name (\
            \(CommonFault.allCases.map(\.rawValue).joined(separator: ", "))) or an object of any of

              delay_ms, status, headers, body            another answer
              csv, header_row, as_symbol, as_day,        other content
                bomb_bytes, members, flip_bit_at, truncate_to, append
              drop (close, reset), raw, close_after,     a broken delivery
                reset_after, stall_after, stall_ms, bytes_per_second, content_length,
                framing (chunked, close)

            GET /_sandbox/requests?match=PATTERN shows the requests seen, GET /_sandbox/messages \
            the Telegram messages accepted; DELETE clears either.
            """)

    @Option(help: "Address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "Port of the datasets, the catalogue and the Bot API; 0 takes a free one.")
    var port: UInt16 = 8900

    @Option(help: "Port of the object storage of paid days; 0 takes a free one.")
    var storagePort: UInt16 = 0

    @Option(help: "The API key that is right.")
    var key = "TD.sandbox-key"

    @Option(help: "The bot token that is right. Default: any.")
    var botToken: String?

    @Option(name: .customLong("chat-id"), help: "A chat that exists; repeatable. Default: any.")
    var chats: [String] = []

    @Option(help: "Rows of each generated file.")
    var rows = 2_000

    @Flag(
        help: "Vary the rows by kind, symbol and day as real files do; --rows is a busy symbol's.")
    var proportional = false

    @Option(
        help:
            "A folder EXCHANGE/TYPE/YYYY/MM/DD/SYMBOL.csv.gz of files that go before generated ones."
    )
    var files: String?

    @Option(
        name: .customLong("empty"), help: "SYMBOL:YYYY-MM-DD without any data; repeatable.",
        transform: emptyDay)
    var emptyDays: [DatasetContent.EmptyDay] = []

    @Option(
        help: "The first day not exported yet, YYYY-MM-DD. Default: today, UTC.", transform: day)
    var exportedUntil: Day?

    @Option(help: "Milliseconds before each answer.")
    var latency = 0

    @Option(help: "A file with a JSON list of faults.")
    var faults: String?

    func validate() throws {
        guard rows > 0 else { throw ValidationError("--rows is at least 1") }
        guard latency >= 0 else { throw ValidationError("--latency is not negative") }
    }

    func run() throws {
        try Sandbox(
            settings: SandboxSettings(
                host: host, port: port, storagePort: storagePort, key: key, botToken: botToken,
                chats: chats.isEmpty ? nil : chats,
                content: DatasetContent(
                    volume: DatasetVolume(rows: rows, isProportional: proportional),
                    realFiles: files.map { RealFiles(folder: $0) }, emptyDays: Set(emptyDays)),
                exportedUntil: exportedUntil, latency: .milliseconds(latency),
                faults: try faults.map(readRules) ?? [])
        ).run()
    }
}

private func day(_ text: String) throws -> Day {
    guard let day = Day(text) else { throw ValidationError("'\(text)' is no date YYYY-MM-DD") }
    return day
}

private func emptyDay(_ text: String) throws -> DatasetContent.EmptyDay {
    let parts = text.split(separator: ":")
    guard parts.count == 2 else { throw ValidationError("'\(text)' is not SYMBOL:YYYY-MM-DD") }
    return .init(symbol: String(parts[0]), day: try day(String(parts[1])))
}

private func readRules(_ path: String) throws -> [FaultRule] {
    do {
        return try JSONText.decode([FaultRule].self, from: try RealFiles.contents(of: path))
    } catch let error as DecodingError {
        throw ValidationError("\(path): \(JSONText.message(of: error))")
    }
}
