// The command line of `download-service`: its commands and its exit codes.

import APITypes
import Glibc
import Jobs
import Posix

/// The daemon's command line.
package enum ServiceProgram {
    /// Exit codes; 64 and 78 are those of sysexits.h.
    enum Exit {
        static let success: Int32 = 0
        static let failure: Int32 = 1
        static let usage: Int32 = 64
        static let configuration: Int32 = 78
    }

    /// A database of another version is the wrong one: DATABASE_URL names it.
    static func exitCode(for error: any Error) -> Int32 {
        if case JobError.unknownVersion = error { return Exit.configuration }
        return Exit.failure
    }

    static let help = """
        download-service: fetches market data from Tardis.dev for the whole team.

        Usage:
          download-service                 run the service until SIGTERM or SIGINT
          download-service healthcheck     ask the running service how it is; exit 0 when it is healthy
          download-service backup [FILE]   copy the database while the service runs; without FILE
                                           into BACKUP_FOLDER
          download-service restore [FILE]  put a backup in the database's place, without FILE the
                                           newest; the service must be stopped
          download-service retention       remove old jobs now; the service must not run
          download-service retention --dry-run     list what would be removed, at any time
          download-service config          check the settings; with names of variables print them
          download-service config --export [NAME...]
                                           print what .env says, as the service reads it, secrets
                                           too, with those NAMEs from the environment; for files
          download-service confirm-data-root
                                           take the data folder that is there now for the right
                                           one, where downloads wait with data_root_changed
          download-service --version
          download-service --help

        Settings come from the environment and from .env; see .env.example for every variable.

        """

    /// Runs the command and ends the process with its exit code.
    ///
    /// - Parameter arguments: without the program's own name.
    @concurrent
    package static func run(arguments: [String]) async -> Never {
        openStandardStreams()
        FileSizeLimit.failWrites()
        switch arguments.first {
        case nil:
            exit(await ServeCommand.run())
        case "healthcheck" where arguments.count == 1:
            exit(await HealthCheckCommand.run())
        case "backup" where arguments.count <= 2:
            exit(await BackupCommand.run(to: arguments.dropFirst().first))
        case "restore" where arguments.count <= 2:
            exit(await RestoreCommand.run(from: arguments.dropFirst().first))
        case "retention" where arguments.count == 1:
            exit(await RetentionCommand.remove())
        case "retention" where arguments == ["retention", "--dry-run"]:
            exit(await RetentionCommand.list())
        case "config":
            exit(ConfigCommand.run(Array(arguments.dropFirst())))
        case "confirm-data-root" where arguments.count == 1:
            exit(await ConfirmDataRootCommand.run())
        case "--version" where arguments.count == 1:
            say("download-service \(ServiceVersion.current)\n")
            exit(Exit.success)
        case "--help", "-h", "help":
            say(help)
            exit(Exit.success)
        default:
            complain("Unknown arguments: \(arguments.joined(separator: " "))\n\n\(help)")
            exit(Exit.usage)
        }
    }

    /// Gives a program that was started without a standard stream one that leads nowhere: a data
    /// file would get its number otherwise, and the log with it.
    private static func openStandardStreams() {
        for number in STDIN_FILENO...STDERR_FILENO where fcntl(number, F_GETFD) == -1 {
            _ = open("/dev/null", O_RDWR)
        }
    }

    /// Writes to standard output, unbuffered.
    ///
    /// - Returns: whether all of it could be written.
    @discardableResult
    static func say(_ text: String) -> Bool { write(text, to: STDOUT_FILENO) }

    /// Writes to standard error, unbuffered.
    static func complain(_ text: String) { _ = write(text, to: STDERR_FILENO) }

    private static func write(_ text: String, to descriptor: Int32) -> Bool {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let part = bytes
            let count = try? syscall("write") {
                part.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            }
            guard let count, count > 0 else { return false }
            bytes = bytes.dropFirst(count)
        }
        return true
    }
}

/// The version that `GET /` and `--version` report.
enum ServiceVersion {
    static let current = ReleaseVersion.current
}
