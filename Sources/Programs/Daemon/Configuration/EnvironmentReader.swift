// Turns variables into typed values once, and remembers every mistake on the way. It must not know
// what a variable is for; `SettingsReader` does.

import Configuration

/// Reads variables by name, with defaults, bounds, and mistakes collected instead of thrown.
struct EnvironmentReader {
    /// What is wrong, by variable, in the order of reading. Values of secrets never stand here.
    private(set) var mistakes: [String]
    private let config: ConfigReader

    /// - Parameters:
    ///   - environment: the process's own variables; names in any case, the exact upper-case one
    ///     first.
    ///   - file: the content of `.env`; the environment wins over it. A blank value counts as not
    ///     set: compose files cannot leave a variable out.
    ///   - mistakes: those found before, such as in reading the file.
    init(
        environment: [String: String], file: String?, secrets: Set<String>, mistakes: [String] = []
    ) {
        var mistakes = mistakes
        var values = EnvironmentReader.upperCased(
            file.map { EnvironmentFile.assignments(in: $0, mistakes: &mistakes) } ?? [:])
        for (name, value) in EnvironmentReader.upperCased(environment)
        where !value.allSatisfy(\.isWhitespace) {
            values[name] = value
        }
        self.mistakes = mistakes
        config = ConfigReader(
            provider: EnvironmentVariablesProvider(
                environmentVariables: values.filter { !$0.value.isEmpty },
                secretsSpecifier: .specific(secrets)))
    }

    /// The value as it stands, `nil` where it is not set.
    func text(_ name: String) -> String? {
        config.string(forKey: ConfigKey([name]))
    }

    /// The comma-separated parts of the value, trimmed, without empty ones.
    func list(_ name: String) -> [String] {
        (config.stringArray(forKey: ConfigKey([name])) ?? []).filter { !$0.isEmpty }
    }

    mutating func wholeNumber(_ name: String, in range: ClosedRange<Int>, default value: Int) -> Int
    {
        guard let text = text(name) else { return value }
        guard let number = Int(text), range.contains(number) else {
            report(
                name,
                "\"\(text)\" is not a whole number from \(range.lowerBound) to \(range.upperBound)")
            return value
        }
        return number
    }

    /// A number of bytes, plain or in one of ``byteUnits``: `1073741824`, `1GiB`, `500 MB`.
    mutating func bytes(
        _ name: String, atMost bound: Int = .max, default value: Int
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
            let host = text.dropFirst(scheme.count).split(separator: "/").first, !host.isEmpty,
            !text.contains(where: { "@?# \t".contains($0) })
        else {
            report(name, "is not a URL such as \(value)")
            return value
        }
        return text
    }

    mutating func report(_ name: String, _ mistake: String) {
        mistakes.append("\(name): \(mistake)")
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
