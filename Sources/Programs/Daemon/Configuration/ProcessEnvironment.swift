// The process's own variables and its `.env`: the one place that reads them from the system.

import Glibc

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

    /// The content of `.env` in the working directory, `nil` where there is none that can be read.
    static var file: String? {
        let descriptor = open(".env", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        // A configuration file of more than 1 MiB is none.
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        var count = 0
        while count < bytes.count {
            let room = bytes.count - count
            let read = bytes.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress! + count, room)
            }
            guard read > 0 else { break }
            count += read
        }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// Settings from both, or `nil` after all mistakes were printed to standard error.
    static func settings() -> Settings? {
        do {
            return try SettingsReader.settings(environment: variables, file: file)
        } catch {
            let list = error.mistakes.map { "  \($0)\n" }.joined()
            let noun = error.mistakes.count == 1 ? "mistake" : "mistakes"
            ServiceProgram.complain(
                "The configuration has \(error.mistakes.count) \(noun):\n\(list)"
                    + "Correct the environment or .env; .env.example explains every variable.\n")
            return nil
        }
    }
}
