// The process's own variables, its `.env` and the names of its machine: the one place that reads
// them from the system.

import Glibc
import Posix

/// What the process was started with.
enum ProcessEnvironment {
    /// The environment, by name.
    static var variables: [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let pair = String(cString: text).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { variables[String(pair[0])] = String(pair[1]) }
            entry += 1
        }
        return variables
    }

    /// More than any configuration holds.
    private static let fileBytesMax = 1 << 20

    /// The content of `.env` in the working directory, `nil` where there is none.
    ///
    /// - Parameter mistakes: gets a sentence where there is one that cannot be used: without it the
    ///   service would run open to everybody, in silence.
    static func file(_ path: String = ".env", mistakes: inout [String]) -> String? {
        do {
            let bytes = try content(of: path)
            if bytes.count > fileBytesMax {
                mistakes.append(".env: is larger than \(fileBytesMax) bytes")
            } else if let text = String(validating: bytes, as: UTF8.self) {
                return text
            } else {
                mistakes.append(".env: is not UTF-8 text")
            }
        } catch  where error.code == EACCES {
            mistakes.append(
                ".env: cannot be read: \(error.reason). Make it readable for user \(geteuid()), "
                    + "who runs the service; for containers `make start` does that")
        } catch  where error.code != ENOENT {
            mistakes.append(".env: cannot be read: \(error.reason)")
        } catch {
            // Without a file the environment and the defaults hold.
        }
        return nil
    }

    /// A file's bytes, no more than one beyond the most that a `.env` may have.
    static func content(of path: String) throws(SystemError) -> [UInt8] {
        try FileContent.of(path, atMost: fileBytesMax)
    }

    /// What to say where others than the owner may read `.env`; nothing where there is none.
    static func readableWarning(_ path: String = ".env") -> [String] {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & (S_IRGRP | S_IROTH) != 0 else { return [] }
        let mode = String(status.st_mode & 0o777, radix: 8)
        return [
            ".env has mode 0\(mode): other users of this machine may read its secrets. "
                + "Run: chmod 600 .env"
        ]
    }

    /// Settings from both, or `nil` after all mistakes were printed to standard error.
    static func settings() -> Settings? {
        var mistakes: [String] = []
        let file = file(mistakes: &mistakes)
        do {
            var settings = try SettingsReader.settings(
                environment: variables, file: file, mistakes: mistakes)
            settings.warnings += readableWarning()
            handOnProxies(
                EnvironmentReader(environment: variables, file: file, secrets: []).values)
            return settings
        } catch {
            complain(error)
            return nil
        }
    }

    /// Prints all mistakes to standard error.
    static func complain(_ error: SettingsError) {
        let list = error.mistakes.map { "  \($0)\n" }.joined()
        let noun = error.mistakes.count == 1 ? "mistake" : "mistakes"
        ServiceProgram.complain(
            "The configuration has \(error.mistakes.count) \(noun):\n\(list)"
                + "Correct the environment or .env; .env.example explains every variable.\n")
    }

    /// libcurl takes proxies from the process's own environment, under names in lower case: those
    /// of `.env` are put there. Before other threads might read it.
    private static func handOnProxies(_ values: [String: String]) {
        for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy"] {
            guard let value = values[name.uppercased()] else { continue }
            let isSet = getenv(name).map { !String(cString: $0).allSatisfy(\.isWhitespace) }
            if isSet != true { setenv(name, value, 1) }
        }
    }
}

/// What the machine is called, as far as it knows without asking a name server.
enum MachineNames {
    /// Its host name, and the names that `/etc/hosts` has beside it.
    static var all: [String] {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return [] }
        let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let name = String(decoding: bytes, as: UTF8.self)
        var mistakes: [String] = []
        let table = ProcessEnvironment.file("/etc/hosts", mistakes: &mistakes) ?? ""
        return [name] + aliases(of: name, in: table)
    }

    /// The names that stand in one line with a name (hosts(5)).
    static func aliases(of name: String, in table: String) -> [String] {
        table.split(whereSeparator: \.isNewline).flatMap { line -> [String] in
            let names = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" }.dropFirst()
            return names.contains { $0 == name } ? names.map(String.init) : []
        }
    }
}
