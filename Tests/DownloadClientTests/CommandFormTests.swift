// Subcommands and their misspellings, help, completions, and the syntax of lists and days.

import APITypes
import ArgumentParser
import Datasets
import Testing

@testable import download_client

@Suite struct CommandFormTests {
    private func form(_ line: String) -> CommandForm {
        CommandForm(line.split(separator: " ").map(String.init))
    }

    @Test(arguments: [
        ("status 12", CommandForm.subcommand), ("--url u --json status 12", .subcommand),
        ("--url=u status 12", .subcommand), ("--help", .subcommand), ("--version", .subcommand),
        ("help status", .subcommand), ("help", .subcommand),
        ("--generate-completion-script bash", .subcommand), ("--list-jobs", .flags),
        ("--url u --job-id 3", .flags), ("--symbols status", .flags), ("--nonsense", .flags),
        ("sumbit --exchange e", .unknown("sumbit")), ("--user bob get", .unknown("get")),
        ("help nonsense", .unknown("nonsense")),
    ])
    func `distinguishes a subcommand, the flags and a misspelling`(line: String, form: CommandForm)
    {
        #expect(self.form(line) == form)
    }

    @Test(arguments: [
        ("sumbit", "submit"), ("stats", "status"), ("stat", "status"), ("get", "submit"),
        ("Status", "status"), ("jobs", "list"), ("ls", "list"), ("stop", "cancel"),
        ("verfy", "verify"), ("log", "events"), ("wach", "watch"), ("fles", "files"),
        ("dowload", "submit"), ("version", "--version"), ("gaps", "accept"), ("keep", "pin"),
        ("sha256sums", "manifest"), ("checksums", "manifest"), ("unpark", "resume-upstream"),
        ("confirm", "confirm-data-root"),
    ])
    func `suggests the most similar subcommand`(word: String, name: String) {
        #expect(CommandForm.mistake(word).message.contains("Did you mean \(name)"))
    }

    @Test func `lists all subcommands for a word without a similar one`() {
        let message = CommandForm.mistake("xyzzy").message
        for name in CommandForm.names { #expect(message.contains(name)) }
    }

    @Test func `each subcommand occurs once in the help and in the completions`() throws {
        let types = RootCommand.configuration.subcommands.map { "\($0)" }
        #expect(Set(types).count == types.count)
        let help = RootCommand.helpMessage()
        let list = try #require(help.firstRange(of: "SUBCOMMANDS:"))
        let fish = RootCommand.completionScript(for: .fish)
        for name in CommandForm.names {
            let lines = help[list.upperBound...].split(separator: "\n")
            #expect(lines.count { $0.hasPrefix("  \(name) ") } == 1, "\(name) in help")
            #expect(fish.ranges(of: "-fa '\(name)'").count == 1, "\(name) in fish")
        }
        for shell in [CompletionShell.bash, .zsh] {
            let script = RootCommand.completionScript(for: shell)
            for name in CommandForm.names {
                let functions = script.split(separator: "\n")
                    .count { $0.hasPrefix("_download-client_\(name)() {") }
                #expect(functions == 1, "\(name) in \(shell)")
            }
        }
    }

    @Test(arguments: [CompletionShell.bash, .zsh, .fish])
    func `completions hold the values`(shell: CompletionShell) {
        let script = RootCommand.completionScript(for: shell)
        for value in ["incremental_book_L2", "unavailable", "cancelled", "yesterday"] {
            #expect(script.contains(value), "\(value) in \(shell)")
        }
    }

    @Test(arguments: [
        (["BTC-USDT", "ETH-USDT"], ["BTC-USDT", "ETH-USDT"]),
        (["BTC-USDT,ETH-USDT"], ["BTC-USDT", "ETH-USDT"]),
        (["BTC-USDT,", "ETH-USDT"], ["BTC-USDT", "ETH-USDT"]),
        (["BTC-USDT ETH-USDT"], ["BTC-USDT", "ETH-USDT"]),
        (["A; B", " C\n"], ["A", "B", "C"]),
        ([#"["A", 'B']"#], ["A", "B"]),
        ([#"A\ B,C"#, #"D\E\"#], ["A B", "C", #"D\E\"#]),
        (["“A”,‘B’", "«C»"], ["A", "B", "C"]), (["", ","], ["", ","]),
    ])
    func `splits lists`(texts: [String], elements: [String]) {
        #expect(ValueList.elements(of: texts) == elements)
    }

    @Test(arguments: [
        ("2024-01-01", "2024-01-01"), ("today", "2024-03-01"), ("Yesterday", "2024-02-29"),
        ("-7d", "2024-02-23"), ("-0d", "2024-03-01"), ("-2W", "2024-02-16"),
        ("2024-02-30", "2024-02-30"), ("tomorrow", "2024-03-02"), ("–7d", "2024-02-23"),
        ("−1d", "2024-02-29"),
    ])
    func `days are counted from today`(text: String, date: String) throws {
        let today = try #require(Day("2024-03-01"))
        #expect(try DayText.date(text, option: "--start-date", today: today) == date)
    }

    @Test(arguments: ["-7", "-d", "--end-date", "-1y", "-99999999999999999999d", "-36501d", "--7d"])
    func `a dash before anything but days is a mistake`(text: String) throws {
        let today = try #require(Day("2024-03-01"))
        let mistake = #expect(throws: UsageMistake.self) {
            try DayText.date(text, option: "--start-date", today: today)
        }
        #expect(mistake?.message.hasPrefix("--start-date takes YYYY-MM-DD") == true)
    }

    @Test(arguments: ["1,2 3", "1 2,3", "[1,2,3]", "1; 2 3"])
    func `numbers of jobs are a list`(line: String) throws {
        let words = line.split(separator: " ").map(String.init)
        let command = try RootCommand.parseAsRoot(["cancel"] + words) as? CancelCommand
        #expect(command?.jobs.ids == [1, 2, 3])
    }

    @Test(arguments: ["1,x", "1-3", ",", "9223372036854775808"])
    func `anything but a job number is a mistake`(text: String) {
        #expect(throws: (any Error).self) { try RootCommand.parseAsRoot(["cancel", text]) }
    }

    @Test(arguments: ["submit", nil])
    func `both forms take days and lists`(subcommand: String?) throws {
        let words =
            (subcommand.map { [$0] } ?? []) + [
                "--exchange", "e", "--symbols", "A,B", "C", "--start-date", "-7d", "--end-date",
                "today", "--data-types", "trades,quotes",
            ]
        let command = try RootCommand.parseAsRoot(words)
        let request =
            try (command as? SubmitCommand)?.request.request()
            ?? (command as? LegacyFlags)?.request()
        let start = try #require(request.flatMap { Day($0.startDate) })
        let end = try #require(request.flatMap { Day($0.endDate) })
        #expect(start.distance(to: end) == 7)
        #expect(request?.symbols == ["A", "B", "C"])
        #expect(request?.dataTypes == ["trades", "quotes"])
    }
}
