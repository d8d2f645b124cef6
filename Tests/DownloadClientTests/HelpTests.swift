// Help and usage errors in terminals of 40 to 200 columns.

import ArgumentParser
import TestSupport
import Testing

@testable import download_client

@Suite struct HelpTests {
    private static let widths = [40, 60, 80, 200]

    /// What the parser itself would print in a terminal without end.
    private static var helps: [String] {
        let columns = HelpText.unboundedColumns
        return [RootCommand.helpMessage(columns: columns)]
            + RootCommand.configuration.subcommands.map {
                RootCommand.helpMessage(for: $0, columns: columns)
            }
    }

    /// Without what joins the lines of a command.
    private static func words(_ text: String) -> [Substring] {
        text.split(whereSeparator: \.isWhitespace).filter { $0 != "\\" }
    }

    private static func expectFits(_ text: String, _ columns: Int) {
        for line in text.split(separator: "\n") {
            #expect(DisplayWidth.of(String(line)) <= columns, "\(line)")
        }
    }

    @Test(arguments: widths + [20, 41, 59, 61, 100])
    func `the help of every subcommand fits, with every word of it`(columns: Int) {
        for help in HelpTests.helps {
            let text = HelpText.fitted(help, to: columns)
            if columns >= 40 { HelpTests.expectFits(text, columns) }
            #expect(HelpTests.words(text) == HelpTests.words(help))
        }
    }

    @Test func `a width of almost nothing or without end changes no word`() {
        for help in HelpTests.helps {
            for columns in [1, 2, 3, 10, 1_000_000] {
                let text = HelpText.fitted(help, to: columns)
                #expect(HelpTests.words(text) == HelpTests.words(help))
            }
            #expect(HelpText.fitted(help, to: 0) == help)
            #expect(HelpText.fitted(help, to: nil) == help)
        }
    }

    @Test func `a wide terminal has each sentence of a discussion whole`() {
        for command in RootCommand.configuration.subcommands {
            for line in command.configuration.discussion.split(separator: "\n")
            where line.first != " " {
                #expect(".:)".contains(line.last ?? " "), "\(line)")
            }
        }
    }

    @Test func `commands of examples can be copied where they are broken`() {
        let text = HelpText.fitted(
            RootCommand.helpMessage(for: SubmitCommand.self, columns: HelpText.unboundedColumns),
            to: 40)
        #expect(
            text.contains(
                """
                  download-client submit --exchange \\
                      binance --symbols BTC-USDT \\
                      ETH-USDT --start-date 2024-01-01 \\
                      --end-date 2024-01-02 \\
                      --data-types trades quotes

                """), "\(text)")
        #expect(
            text.contains(
                """
                  --output-path <path>
                      A folder in the service's data
                      folder (default: that folder
                      itself).

                """), "\(text)")
        #expect(
            text.contains(
                """
                USAGE: download-client submit
                         [<options>] --exchange <name>
                         --symbols <symbol> ...
                         --start-date <day>
                         --end-date <day>

                """), "\(text)")
    }

    @Test func `at 60 columns descriptions stand beside their options`() {
        let text = HelpText.fitted(
            RootCommand.helpMessage(columns: HelpText.unboundedColumns), to: 60)
        #expect(text.contains("\n  --user <name>           The user to act as (default:\n"))
        #expect(text.contains("\n  3    a watched job has accepted gaps, or verify found\n"))
        #expect(text.contains("\n       files not as recorded\n"))
        #expect(text.contains("\n       download-client --job-id <id>\n"))
    }

    @Test(arguments: widths)
    func `the program's help and usage errors fit, wherever they go`(columns: Int) async throws {
        let lines = [
            ["--help"], ["help", "submit"], ["submit", "--help"], ["help"], [], ["submit"],
            ["status"], ["status", "x"], ["list", "--nonsense"], ["list", "--limit", "many"],
            ["xyzzy"], ["help", "nonsense"], ["--exchange", "binance"], ["limits", "--set", "x"],
            ["watch", "--url", "localhost:8000", "12"],
            [
                "submit", "--exchange", "e", "--symbols", "A", "--start-date", "-7", "--end-date",
                "today",
            ],
        ]
        for arguments in lines {
            let run = try await ProgramRun(arguments, ["COLUMNS": "\(columns)"])
            #expect(!(run.output + run.errors).isEmpty, "\(arguments)")
            HelpTests.expectFits(run.output + run.errors, columns)
        }
    }

    @Test func `what programs read is not laid out`() async throws {
        for argument in ["--generate-completion-script=bash", "--experimental-dump-help"] {
            let (narrow, wide) = (
                try await ProgramRun([argument], ["COLUMNS": "40"]),
                try await ProgramRun([argument], ["COLUMNS": "200"])
            )
            #expect(narrow.status == 0)
            #expect(narrow.output == wide.output)
        }
    }

    @Test(arguments: ["0", "-5", "wide", "99999999999999999999", ""])
    func `a width that is none counts as not set`(columns: String) async throws {
        let run = try await ProgramRun(["--help"], ["COLUMNS": columns])
        #expect(run.status == 0)
        HelpTests.expectFits(run.output, 80)
    }
}
