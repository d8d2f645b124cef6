// The two forms of a command line, a subcommand or the flags of client.py, and suggestions for a
// wrong subcommand.

import ArgumentParser
import Datasets

/// The form of a command line.
enum CommandForm: Hashable {
    /// A subcommand, or something that the parser answers by itself, such as `--version`.
    case subcommand
    /// The flags of client.py, without a subcommand.
    case flags
    /// A word in the place of a subcommand that is none.
    case unknown(String)

    /// Options that may come before a subcommand, each with a value.
    private static let valued = ["--url", "--api-token", "--user"]
    /// Flags that decide nothing about the form.
    private static let neutral = ["--json"]
    private static let builtIn = [
        "--help", "-h", "--version", "--generate-completion-script", "--experimental-dump-help",
    ]

    /// - Parameter arguments: without the program's own name.
    init(_ arguments: [String]) {
        var remaining = arguments[...]
        while let word = remaining.popFirst() {
            guard word.hasPrefix("-") else {
                self = CommandForm.form(word, remaining.first)
                return
            }
            let name = word.split(separator: "=", maxSplits: 1).first.map(String.init) ?? word
            if CommandForm.builtIn.contains(name) || name.hasPrefix("---") { break }
            if CommandForm.valued.contains(name) {
                if name == word { remaining = remaining.dropFirst() }
            } else if !CommandForm.neutral.contains(name) {
                self = .flags
                return
            }
        }
        self = .subcommand
    }

    /// Every subcommand in the help.
    static var names: [String] {
        RootCommand.configuration.subcommands.filter { $0.configuration.shouldDisplay }
            .compactMap { $0.configuration.commandName }
    }

    private static func form(_ word: String, _ next: String?) -> CommandForm {
        if word == "help" {
            guard let next, !next.hasPrefix("-"), !names.contains(next) else { return .subcommand }
            return .unknown(next)
        }
        return names.contains(word) ? .subcommand : .unknown(word)
    }

    /// The error for a word that is no subcommand, with the most similar ones.
    static func mistake(_ word: String) -> UsageMistake {
        let meant = meanings[word.lowercased()].map { [$0] }
        var nearest = meant ?? SpellingSuggestions.nearest(to: word, among: names, limit: 2)
        if nearest.isEmpty {
            let others = SpellingSuggestions.nearest(
                to: word, among: meanings.keys.sorted(), limit: 1)
            nearest = others.compactMap { meanings[$0] }
        }
        let hint =
            nearest.isEmpty
            ? " There are \(names.joined(separator: ", "))." : TextFormat.question(about: nearest)
        return UsageMistake(
            message: "there is no subcommand \(TextFormat.quoted(word)).\(hint) "
                + "See download-client --help")
    }

    /// Names of other programs for the same commands.
    private static let meanings: [String: String] = {
        let words = [
            "submit": "get download fetch request add create new order post run start",
            "list": "ls jobs all ps queue",
            "status": "show info describe job state progress",
            "watch": "follow tail wait attach",
            "files": "days ls-files contents",
            "events": "log logs history why",
            "verify": "check proof prove validate repair",
            "cancel": "stop delete remove rm kill abort end",
            "retry": "again rerun repeat restart resubmit",
            "pause": "hold suspend",
            "resume": "continue unpause go",
            "accept": "accept-gaps gaps ignore allow",
            "pin": "keep protect",
            "unpin": "release unkeep",
            "manifest": "checksums checksum sha256sums sha256 digest",
            "resume-upstream": "unpark upstream",
            "confirm-data-root": "confirm data-root",
            "limits": "settings config limit set quota",
            "--version": "version",
        ]
        var meanings: [String: String] = [:]
        for (name, others) in words {
            for other in others.split(separator: " ") { meanings[String(other)] = name }
        }
        return meanings
    }()
}
