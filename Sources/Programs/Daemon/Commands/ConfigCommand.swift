// `download-service config`: the settings as the service itself reads them, for scripts, so that
// there is no second reader of `.env`.

import Glibc

/// Checks the settings, and hands them on.
enum ConfigCommand {
    /// - Parameter arguments: those after `config`.
    static func run(_ arguments: [String]) -> Int32 {
        let isExport = arguments.first == "--export"
        let names = (isExport ? arguments.dropFirst() : arguments[...]).map { $0.uppercased() }
        guard !names.contains(where: { $0.hasPrefix("-") }) else {
            return refuse("unknown option; use: config [NAME...] or config --export [NAME...]")
        }
        // A proxy's address may hold a password.
        let isSecret = { SettingsReader.secretNames.contains($0) || $0.hasSuffix("_PROXY") }
        if let secret = names.first(where: isSecret), !isExport {
            return refuse("\(secret) is a secret, which only config --export writes, into a file")
        }
        guard !isExport || isatty(STDOUT_FILENO) == 0 else {
            return refuse("--export writes secrets: send its output to a file, not to a terminal")
        }
        return isExport ? export(names) : print(names)
    }

    private static func print(_ names: [String]) -> Int32 {
        guard let reader = checked(ProcessEnvironment.variables) else {
            return ServiceProgram.Exit.configuration
        }
        for name in names {
            if let value = reader.values[name] { ServiceProgram.say("\(name)=\(value)\n") }
        }
        if names.isEmpty { ServiceProgram.say("The configuration has no mistakes.\n") }
        return ServiceProgram.Exit.success
    }

    /// Writes assignments that the service reads again, as a shell does.
    ///
    /// - Parameter names: the variables of the environment that belong to them.
    private static func export(_ names: [String]) -> Int32 {
        let variables = ProcessEnvironment.variables.filter { names.contains($0.key.uppercased()) }
        guard let reader = checked(variables) else { return ServiceProgram.Exit.configuration }
        var text = ""
        for (name, value) in reader.values.sorted(by: { $0.key < $1.key }) {
            guard let line = EnvironmentFile.line(name, value) else {
                ServiceProgram.complain("\(name) has a line break, which .env cannot hold\n")
                return ServiceProgram.Exit.configuration
            }
            text += line
        }
        guard ServiceProgram.say(text) else {
            ServiceProgram.complain("The settings cannot be written; is the disk full?\n")
            return ServiceProgram.Exit.failure
        }
        return ServiceProgram.Exit.success
    }

    /// What these variables and `.env` say, `nil` after all mistakes were printed.
    ///
    /// Files that hold secrets are left for the service to find: for a container they may lie where
    /// only it sees them.
    private static func checked(_ variables: [String: String]) -> EnvironmentReader? {
        var mistakes: [String] = []
        let file = ProcessEnvironment.file(mistakes: &mistakes)
        let reader = EnvironmentReader(
            environment: variables, file: file, secrets: SettingsReader.secretNames,
            mistakes: mistakes)
        let secretFiles = SettingsReader.secretNames.map { $0 + "_FILE" }
        let all = reader.values.filter { !secretFiles.contains($0.key) }
        var values = all.filter { !reader.namesOfFile.contains($0.key) }
        let lines = all.filter { reader.namesOfFile.contains($0.key) }
            .compactMap { EnvironmentFile.line($0.key, $0.value) }
        // What ~ in a path stands for.
        if all["HOME"] == nil { values["HOME"] = ProcessEnvironment.variables["HOME"] }
        do {
            _ = try SettingsReader.settings(
                environment: values, file: lines.joined(), mistakes: reader.mistakes)
            return reader
        } catch {
            ProcessEnvironment.complain(error)
            return nil
        }
    }

    private static func refuse(_ words: String) -> Int32 {
        ServiceProgram.complain("download-service config: \(words)\n")
        return ServiceProgram.Exit.usage
    }
}
