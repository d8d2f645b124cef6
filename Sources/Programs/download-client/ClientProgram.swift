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
        // A reader that goes away, `download-client list | head -1`, and a server that closes a TLS
        // connection are failed writes, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        let console = Console()
        guard !arguments.isEmpty else {
            console.complain(RootCommand.helpMessage())
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
            let status = end(because: error, console)
            return form == .flags && status != .done ? .failed : status
        }
    }

    private static func end(because error: any Error, _ console: Console) -> ExitStatus {
        switch error {
        case let failure as ServiceFailure:
            explain(failure, console)
            return .service
        case let ending as JobEnding:
            return ending.status
        case let mistake as UsageMistake:
            console.complain("Error: \(TerminalSafeText.line(mistake.message))")
            return .usage
        case let failure as OutputFailure:
            if !failure.readerIsGone { console.complain("Error: \(failure)") }
            return .failed
        default:
            return endOfParsing(error, console)
        }
    }

    /// Says what the service answered, or why it did not.
    static func explain(_ failure: ServiceFailure, _ console: Console) {
        if let json = failure.answer { try? console.print(json: json) }
        console.complain(ErrorText.lines(for: failure).joined(separator: "\n"))
    }

    /// Help and completion scripts end the parsing by an error too, one that is a success.
    private static func endOfParsing(_ error: any Error, _ console: Console) -> ExitStatus {
        let text = RootCommand.fullMessage(for: error)
        guard RootCommand.exitCode(for: error) == .success else {
            console.complain(text)
            return RootCommand.exitCode(for: error) == .validationFailure ? .usage : .failed
        }
        do {
            try console.print(verbatim: text)
            return .done
        } catch {
            return .failed
        }
    }
}

/// A watched job ended otherwise than whole; everything about it has been printed.
struct JobEnding: Error {
    var status: ExitStatus
}

/// The command line or the environment makes no sense; nothing was sent.
struct UsageMistake: Error, Hashable {
    var message: String
}
