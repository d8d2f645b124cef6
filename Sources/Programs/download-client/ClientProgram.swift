// From arguments to an exit status: parses, runs, and is the one place where errors become exit
// codes.

import APIClient
import ArgumentParser
import Glibc

/// The program without its entry point.
enum ClientProgram {
    /// Runs the command that the arguments ask for, to its end.
    ///
    /// - Parameter arguments: without the program's own name.
    @concurrent
    static func run(_ arguments: [String]) async -> ExitStatus {
        // A reader that closes the pipe, such as `head -1`, and a server that closes a TLS
        // connection make a write fail; they do not end the process.
        signal(SIGPIPE, SIG_IGN)
        Console.Stream.widenHelp()
        let console = Console()
        guard !arguments.isEmpty else {
            let help = RootCommand.helpMessage(columns: HelpText.unboundedColumns)
            let columns = Console.Stream.error.helpColumns ?? Console.Stream.usualColumns
            console.printError(HelpText.fitted(help, to: columns))
            return .usage
        }
        let form = CommandForm(arguments)
        do {
            if case .unknown(let word) = form { throw CommandForm.mistake(word) }
            var command = try RootCommand.parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return .done
        } catch {
            let status = exitStatus(for: error, console)
            return form == .flags && status != .done ? .failed : status
        }
    }

    private static func exitStatus(for error: any Error, _ console: Console) -> ExitStatus {
        switch error {
        case let failure as ServiceFailure:
            explain(failure, console)
            return .service
        case let outcome as JobOutcomeError:
            return outcome.status
        case let mistake as UsageMistake:
            let text = "Error: \(TerminalSafeText.line(mistake.message))"
            console.printError(HelpText.fitted(text, to: Console.Stream.error.helpColumns))
            return .usage
        case let failure as OutputFailure:
            if !failure.readerIsGone { console.printError("Error: \(failure)") }
            return .failed
        default:
            return parsingStatus(for: error, console)
        }
    }

    /// Prints the error response of the service, or why there is none.
    static func explain(_ failure: ServiceFailure, _ console: Console) {
        if let json = failure.answer { try? console.print(json: json) }
        console.printError(ErrorText.lines(for: failure).joined(separator: "\n"))
    }

    /// ArgumentParser throws help and completion scripts as errors, too: those are a success.
    private static func parsingStatus(for error: any Error, _ console: Console) -> ExitStatus {
        let text = RootCommand.fullMessage(for: error, columns: HelpText.unboundedColumns)
        guard RootCommand.exitCode(for: error) == .success else {
            console.printError(HelpText.fitted(text, to: Console.Stream.error.helpColumns))
            return RootCommand.exitCode(for: error) == .validationFailure ? .usage : .failed
        }
        do {
            let columns = Console.Stream.output.helpColumns ?? Console.Stream.usualColumns
            try console.print(
                verbatim: HelpText.isHelp(text) ? HelpText.fitted(text, to: columns) : text)
            return .done
        } catch {
            return .failed
        }
    }
}

/// A watched job did not complete whole; its outcome has been printed.
struct JobOutcomeError: Error {
    var status: ExitStatus
}

/// A mistake on the command line or in the environment; nothing was sent.
struct UsageMistake: Error, Hashable {
    var message: String
}

/// How the program ends. Without a subcommand, by the flags of client.py, every error is
/// ``failed``, as it was there.
enum ExitStatus: Int32 {
    /// The command succeeded; a watched job completed.
    case done = 0
    /// A watched job failed or was cancelled, or the result could not be written.
    case failed = 1
    /// A mistake on the command line; nothing was sent.
    case usage = 2
    /// A watched job completed with accepted gaps, or a verification found files that were not as
    /// recorded.
    case gaps = 3
    /// The service cannot be reached, or refuses.
    case service = 4
    /// Ctrl-C: 128 + SIGINT, as shells report it. A watched job goes on.
    case interrupted = 130
}
