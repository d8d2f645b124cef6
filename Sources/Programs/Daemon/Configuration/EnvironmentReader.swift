// A reader of variables: typed values with defaults and bounds, and a list of all mistakes.

import Configuration
import Curl
import Posix

/// Reads variables by name, with defaults, bounds, and mistakes collected instead of thrown.
struct EnvironmentReader {
    /// What is wrong, by variable, in the order of reading. Values of secrets never stand here.
    private(set) var mistakes: [String]
    /// What is set, by upper-case name: the environment over `.env`, without blank values.
    let values: [String: String]
    /// The names in ``values`` that `.env` has set. What a shell would replace there was a mistake,
    /// or written in a way that it would not.
    let namesOfFile: Set<String>
    private let config: ConfigReader
    /// The names that are set.
    private let given: [String]
    /// Sentences on names that `.env` sets twice.
    private let repetitions: [String]
    /// The names that were asked for.
    private var known: Set<String> = []
    private let home: String?
    private let readFile: (String) throws(SystemError) -> [UInt8]

    /// The longest secret in a file, in bytes; more than any header may hold.
    private static let secretBytesMax = 8_192
    /// More would hide the rest of the log's beginning.
    private static let repetitionsMax = 20

    /// - Parameters:
    ///   - environment: the process's own variables; names in any case, the exact upper-case one
    ///     first.
    ///   - file: the content of `.env`; the environment wins over it. A blank value counts as not
    ///     set: compose files cannot leave a variable out.
    ///   - mistakes: those found before, such as in reading the file.
    ///   - readFile: the first bytes of a file that holds a secret.
    init(
        environment: [String: String], file: String?, secrets: Set<String>, mistakes: [String] = [],
        readFile: @escaping (String) throws(SystemError) -> [UInt8] = ProcessEnvironment.content
    ) {
        var mistakes = mistakes
        var repetitions: [String] = []
        var values = EnvironmentReader.upperCased(
            file.map { text in
                EnvironmentFile.assignments(in: text, mistakes: &mistakes) {
                    if repetitions.count < EnvironmentReader.repetitionsMax {
                        repetitions.append($0)
                    }
                }
            } ?? [:])
        var namesOfFile = Set(values.keys)
        for (name, value) in EnvironmentReader.upperCased(environment)
        where !value.allSatisfy(\.isWhitespace) {
            values[name] = WrittenValue.unquoted(value)
            namesOfFile.remove(name)
        }
        self.namesOfFile = namesOfFile
        self.mistakes = mistakes
        self.repetitions = repetitions
        self.values = values.filter { !$0.value.isEmpty }
        self.readFile = readFile
        given = Array(values.keys)
        home = values["HOME"]
        config = ConfigReader(
            provider: EnvironmentVariablesProvider(
                environmentVariables: self.values, secretsSpecifier: .specific(secrets)))
    }

    /// The value, `nil` where it is not set or refused.
    mutating func text(_ name: String) -> String? {
        understood(name) { (text) throws(ValueProblem) in
            try WrittenValue.check(text)
            return text
        }
    }

    /// A path, with `~` and `$HOME` at its beginning replaced.
    mutating func path(_ name: String) -> String? {
        let home = home
        return understood(name) { (text) throws(ValueProblem) in
            try WrittenValue.path(text, home: home)
        }
    }

    /// The path that a database URL names.
    mutating func databasePath(_ name: String) -> String? {
        let home = home
        return understood(name) { (text) throws(ValueProblem) in
            try DatabaseURL.path(text, home: home)
        }
    }

    /// The names of a list; none where it is not set. A list without a name is a mistake.
    mutating func list(_ name: String) -> [String] {
        understood(name) { (text) throws(ValueProblem) in try WrittenValue.list(text) } ?? []
    }

    /// A secret: the value itself, or the content of the file that `NAME_FILE` names, without
    /// blanks and line ends around it.
    mutating func secret(_ name: String) -> String? {
        let (fileName, isOfFile) = (name + "_FILE", namesOfFile.contains(name))
        let value = understood(name) { (text) throws(ValueProblem) in
            if !isOfFile { try WrittenValue.check(text, isSecret: true) }
            return text
        }
        guard let path = path(fileName) else { return value }
        guard written(name) == nil else {
            report(fileName, "is set beside \(name); set one of the two")
            return nil
        }
        do throws(ValueProblem) {
            return try secret(inFile: path, of: name)
        } catch {
            report(fileName, error.words)
            return nil
        }
    }

    /// True if the variable has any value.
    mutating func isSet(_ name: String) -> Bool {
        known.insert(name)
        return written(name) != nil
    }

    /// Sentences on variables that look like one that was asked for, and on those set twice.
    var warnings: [String] { repetitions + MisspeltNames.warnings(given: given, known: known) }

    private func secret(
        inFile path: String, of name: String
    ) throws(ValueProblem) -> String {
        let bytes: [UInt8]
        do {
            bytes = try readFile(path)
        } catch {
            throw ValueProblem("the file \(path) cannot be read: \(error.reason)")
        }
        guard bytes.count <= EnvironmentReader.secretBytesMax,
            let text = String(validating: bytes, as: UTF8.self)
        else {
            throw ValueProblem(
                "the file \(path) is no text of at most \(EnvironmentReader.secretBytesMax) bytes"
            )
        }
        let value = String(
            text.trimmingPrefix("\u{FEFF}").trimmingPrefix(while: \.isWhitespace).reversed()
                .trimmingPrefix(while: \.isWhitespace).reversed())
        guard !value.isEmpty else { throw ValueProblem("the file \(path) is empty") }
        guard !value.uppercased().hasPrefix(name + "=") else {
            throw ValueProblem("the file \(path) must hold the value alone, without \(name)=")
        }
        do throws(ValueProblem) {
            try WrittenValue.check(value, isSecret: true)
        } catch {
            throw ValueProblem("the content of \(path) \(error.words)")
        }
        return value
    }

    private mutating func understood<Value>(
        _ name: String, _ meaning: (String) throws(ValueProblem) -> Value
    ) -> Value? {
        known.insert(name)
        guard let text = written(name) else { return nil }
        do throws(ValueProblem) {
            return try meaning(text)
        } catch {
            report(name, error.words)
            return nil
        }
    }

    private func written(_ name: String) -> String? {
        config.string(forKey: ConfigKey([name]))
    }

    /// Reads a whole number into a field, whose value is the default.
    mutating func readNumber(
        _ name: String, in range: ClosedRange<Int>, into value: inout Int
    ) {
        value = wholeNumber(name, in: range, default: value)
    }

    mutating func wholeNumber(_ name: String, in range: ClosedRange<Int>, default value: Int) -> Int
    {
        guard let text = text(name) else { return value }
        guard let number = Int(text), range.contains(number) else {
            let hasUnit = Int(text) == nil && text.first?.isNumber == true
            report(
                name,
                "\"\(text)\" is not a whole number from \(range.lowerBound) to \(range.upperBound)"
                    + (hasUnit ? "; write its digits alone" : ""))
            return value
        }
        return number
    }

    /// A number of bytes, plain or in one of ``byteUnits``: `1073741824`, `1GiB`, `500 MB`.
    mutating func bytes(
        _ name: String, atLeast least: Int = 0, atMost bound: Int = .max, default value: Int
    ) -> Int {
        guard let text = text(name) else { return value }
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }.lowercased()
        guard let number = Int(digits), let factor = EnvironmentReader.byteUnits[unit],
            case let (bytes, overflows) = number.multipliedReportingOverflow(by: factor),
            !overflows
        else {
            report(name, "\"\(text)\" is not a number of bytes such as 1073741824, 500MB or 1GiB")
            return value
        }
        guard bytes <= bound else {
            report(name, "\"\(text)\" is more than \(bound) bytes")
            return value
        }
        guard bytes >= least else {
            report(name, "\"\(text)\" is less than \(least) bytes")
            return value
        }
        return bytes
    }

    /// IEC 80000-13 for the binary ones; a letter alone is binary, as in `dd` and `df -h`.
    private static let byteUnits: [String: Int] = [
        "": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40,
        "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40,
        "kb": 1_000, "mb": 1_000_000, "gb": 1_000_000_000, "tb": 1_000_000_000_000,
    ]

    mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, default value: Choice
    ) -> Choice where Choice.RawValue == String {
        guard let text = text(name) else { return value }
        guard let choice = Choice(rawValue: text.lowercased()) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            report(name, "\"\(text)\" is none of \(known)")
            return value
        }
        return choice
    }

    /// A base URL without its trailing slash: `http` or `https`, a host, no user, query or
    /// fragment.
    mutating func baseURL(_ name: String, default value: String) -> String {
        guard var text = text(name) else { return value }
        while text.hasSuffix("/") { text.removeLast() }
        let schemes = ["http://", "https://"]
        guard let scheme = schemes.first(where: text.lowercased().hasPrefix),
            EnvironmentReader.isAuthority(text.dropFirst(scheme.count).prefix { $0 != "/" }),
            !text.contains(where: { "@?#\\".contains($0) || $0.isWhitespace })
        else {
            report(name, "is not a URL such as \(value)")
            return value
        }
        return text
    }

    /// Whether it is a host with or without a port: `x.example`, `x.example:8000`, `[::1]:8000`.
    private static func isAuthority(_ text: Substring) -> Bool {
        let isIPv6 = text.first == "["
        let host = text.prefix { $0 != (isIPv6 ? "]" : ":") }.dropFirst(isIPv6 ? 1 : 0)
        let rest = text.dropFirst(host.count + (isIPv6 ? 2 : 0))
        guard !host.isEmpty, !isIPv6 || text.contains("]"),
            host.allSatisfy({ $0.isLetter || $0.isNumber || (isIPv6 ? ".:%" : ".-_").contains($0) })
        else { return false }
        if rest.isEmpty { return true }
        let port = rest.dropFirst()
        return rest.first == ":" && port.allSatisfy(\.isNumber)
            && Int(port).map((1...65_535).contains) == true
    }

    /// Networks such as `10.0.0.0/8`; a single address is a network of one.
    mutating func networks(_ name: String) -> [AddressNetwork] {
        var networks: [AddressNetwork] = []
        for text in list(name) {
            if let network = AddressNetwork(text) {
                networks.append(network)
            } else {
                report(name, "\"\(text)\" is not a network such as 10.0.0.0/8 or fd00::/8")
            }
        }
        return networks
    }

    mutating func report(_ name: String, _ mistake: String) {
        let line = "\(name): \(mistake)"
        // Some variables are looked at twice.
        if !mistakes.contains(line) { mistakes.append(line) }
    }

    /// Exact upper-case names win over other spellings of the same name.
    private static func upperCased(_ values: [String: String]) -> [String: String] {
        let exact = values.filter { $0.key == $0.key.uppercased() }
        let others = values.filter { $0.key != $0.key.uppercased() }.sorted { $0.key < $1.key }
        return others.reduce(into: exact) { merged, other in
            let name = other.key.uppercased()
            if merged[name] == nil { merged[name] = other.value }
        }
    }
}
