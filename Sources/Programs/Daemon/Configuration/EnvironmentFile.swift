// `.env`: names and values as shells and Docker Compose write them, and a check for misspelt names.

import Datasets

/// The assignments of a `.env` file.
enum EnvironmentFile {
    /// Reads `NAME=value` lines: comments, blank lines, `export `, and single or double quotes are
    /// understood, and the mark that Windows puts before the first line; the last assignment to a
    /// name wins. What a shell or Docker Compose would replace or leave out is a mistake, so that
    /// no value is taken otherwise than there.
    ///
    /// - Parameters:
    ///   - mistakes: gets a sentence for every line that is no assignment, without its content,
    ///     which may be half of a secret.
    ///   - warn: gets a sentence for every name that is set again, in any case.
    static func assignments(
        in text: String, mistakes: inout [String], warn: (String) -> Void = { _ in }
    ) -> [String: String] {
        var values: [String: String] = [:]
        var first: [String: (line: Int, name: String)] = [:]
        let lines = text.trimmingPrefix("\u{FEFF}").split(
            omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            var rest = line.trimmingSpaces()
            if rest.isEmpty || rest.hasPrefix("#") { continue }
            if rest.hasPrefix("export ") || rest.hasPrefix("export\t") {
                rest = rest.dropFirst(7).trimmingSpaces()
            }
            guard let equals = rest.firstIndex(of: "="),
                let name = name(rest[..<equals].trimmingSpaces())
            else {
                mistakes.append(".env line \(index + 1): expected NAME=value")
                continue
            }
            if let earlier = first[name.uppercased()] {
                let winner = earlier.name == name ? "the last one" : "the one in capitals"
                warn(
                    ".env lines \(earlier.line) and \(index + 1) both set \(name.uppercased()); "
                        + "\(winner) counts. Remove the other")
            } else {
                first[name.uppercased()] = (index + 1, name)
            }
            do {
                values[name] = try value(rest[rest.index(after: equals)...], of: name)
            } catch {
                mistakes.append(".env line \(index + 1): \(name): \(error.words)")
            }
        }
        return values
    }

    /// The line that reads as this assignment, here and in a POSIX shell.
    ///
    /// - Returns: `nil` where the value has a line break, which no line can hold.
    static func line(_ name: String, _ value: String) -> String? {
        guard !value.contains(where: \.isNewline) else { return nil }
        var quoted = ""
        for character in value {
            if escaped.contains(character) { quoted.append("\\") }
            quoted.append(character)
        }
        return "\(name)=\"\(quoted)\"\n"
    }

    /// What a backslash takes its meaning from between double quotes (POSIX.1-2017, Shell Command
    /// Language, 2.2.3); before any other character it stands for itself.
    private static let escaped: [Character] = ["\"", "\\", "$", "`"]

    private static func name(_ text: Substring) -> String? {
        let isName =
            text.first?.isNumber == false
            && text.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "_") || (0x30...0x39).contains(byte)
                    || (0x41...0x5A).contains(byte & 0xDF)
            }
        return isName ? String(text) : nil
    }

    private struct ValueError: Error {
        let words: String

        init(_ words: String) { self.words = words }

        /// - Parameter value: decides how it can be written; nothing of it is repeated.
        init(_ part: String, in value: Substring) {
            words =
                "\(part), which a shell or Compose reads otherwise; "
                + (value.contains("'")
                    ? #"write the value between double quotation marks, with a backslash before "#
                        + #"each ", \, $ and `"#
                    : "write the value between single quotation marks, as in NAME='value'")
        }
    }

    /// Quoted values keep everything between their quotes; bare ones end before a blank and `#`.
    private static func value(
        _ written: Substring, of name: String
    ) throws(ValueError) -> String {
        let text = written.trimmingSpaces()
        if let quote = text.first, quote == "\"" || quote == "'" {
            return try quoted(text.dropFirst(), by: quote, of: name)
        }
        // The blank may be all that stands before the comment: `NAME= # nothing`.
        let comments = [" #", "\t#"].compactMap { written.firstRange(of: $0)?.lowerBound }
        let value = written[..<(comments.min() ?? written.endIndex)].trimmingSpaces()
        try checkBare(value, of: name)
        return String(value)
    }

    /// - Parameter text: what follows the quotation mark; nothing but a comment may follow the
    ///   closing one, where a shell and Compose would each read something else.
    private static func quoted(
        _ text: Substring, by quote: Character, of name: String
    ) throws(ValueError) -> String {
        var value = ""
        var rest = text
        while let character = rest.popFirst() {
            if character == quote {
                let end = rest.trimmingSpaces()
                guard end.isEmpty || end.hasPrefix("#") && end.startIndex > rest.startIndex else {
                    throw ValueError(
                        "text stands behind the closing quotation mark; put all of the value "
                            + "between the marks")
                }
                return value
            }
            if quote == "\"", character == "\\", let next = rest.first, escaped.contains(next) {
                value.append(next)
                rest.removeFirst()
                continue
            }
            if quote == "\"", character == "\\" {
                throw ValueError("a backslash stands between double quotation marks", in: text)
            }
            if quote == "\"", isReplaced(character, before: rest, of: name) {
                throw ValueError("a \(character) stands without a backslash", in: text)
            }
            value.append(character)
        }
        throw ValueError(
            "the quotation mark \(quote) is not closed in its line; close it, or put the value "
                + "between marks of the other kind")
    }

    /// Refuses what a value without quotation marks cannot hold.
    private static func checkBare(_ value: Substring, of name: String) throws(ValueError) {
        // A list may be JSON; its reader understands quotation marks.
        if !hasEnding(of: listEndings, name), value.contains(where: { "\"'".contains($0) }) {
            throw ValueError("a quotation mark stands inside the value", in: value)
        }
        // Paths are refused by their reader, which says that folders are separated by /.
        if !hasEnding(of: pathEndings, name), value.contains("\\") {
            throw ValueError("a backslash stands in the value", in: value)
        }
        for index in value.indices {
            let rest = value[value.index(after: index)...]
            if isReplaced(value[index], before: rest, of: name) {
                throw ValueError("a \(value[index]) stands in the value", in: value)
            }
        }
    }

    /// Whether a shell or Compose replaces what begins with this character (POSIX.1-2017, Shell
    /// Command Language, 2.5 and 2.6.3). A `$` at the end or before other characters stands for
    /// itself.
    private static func isReplaced(
        _ character: Character, before rest: Substring, of name: String
    ) -> Bool {
        if character == "`" { return true }
        guard character == "$", let next = rest.first else { return false }
        // That is understood, here as there.
        let isHome = rest.hasPrefix("{HOME}") || rest.prefix(while: isNamePart) == "HOME"
        if isHome, hasEnding(of: pathEndings, name) { return false }
        return isNamePart(next) || "{($@*#?!-".contains(next)
    }

    private static let pathEndings = [
        "_PATH", "_FILE", "_DIR", "_FOLDER", "_VOLUME", "DATABASE_URL",
    ]
    private static let listEndings = ["_USERS", "_HOSTS", "_NETWORKS"]

    private static func hasEnding(of endings: [String], _ name: String) -> Bool {
        endings.contains(where: name.uppercased().hasSuffix)
    }

    private static func isNamePart(_ character: Character) -> Bool {
        WrittenValue.isNamePart(character)
    }
}

extension Substring {
    /// Without the spaces and tabs at both ends.
    func trimmingSpaces() -> Substring {
        var rest = self
        while let first = rest.first, first == " " || first == "\t" { rest.removeFirst() }
        while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
        return rest
    }
}

/// Finds names that look like a variable of the service: one in which a letter is wrong leaves the
/// service open, or without a key, in silence.
enum MisspeltNames {
    /// Variables of the client, of Compose and of curl, beside which the service runs.
    private static let others: Set<String> = [
        "DOWNLOAD_SERVICE_URL", "SERVICE_USER", "DATA_VOLUME", "DATASETS_VOLUME", "LOGS_VOLUME",
        "BACKUPS_VOLUME", "API_ADDRESS", "NO_PROXY",
    ]
    /// More would hide the rest of the log's beginning.
    private static let warningsMax = 20

    /// A sentence for each name that looks like one of the known ones; values never stand there.
    static func warnings(given: some Sequence<String>, known: Set<String>) -> [String] {
        let unknown = Set(given).subtracting(known).subtracting(others)
        return unknown.sorted().lazy.compactMap { name in
            nearest(to: name, in: known.union(others)).map { right in
                "\(name) is set, but there is no such variable. Did you mean \(right)?"
            }
        }.prefix(warningsMax).map(\.self)
    }

    /// The known name that this one looks like.
    private static func nearest(to name: String, in known: Set<String>) -> String? {
        let folded = fold(name)
        guard (4...64).contains(folded.count) else { return nil }
        let slipsMax = folded.count < 7 ? 1 : 2
        let misspelt = known.sorted().compactMap { candidate in
            EditDistance.between(folded, fold(candidate), atMost: slipsMax).map {
                (slips: $0, name: candidate)
            }
        }.min { $0.slips < $1.slips }
        return misspelt?.name ?? known.sorted().first { hasWords(of: name, $0) }
    }

    /// Whether one name is the other with a word left out, as `TARDIS_KEY`, or put before it, as
    /// `TARDIS_DATABASE_URL`.
    private static func hasWords(of name: String, _ known: String) -> Bool {
        if ["TARDIS_", "X_", "DOWNLOAD_SERVICE_", "SERVICE_"].contains(where: { name == $0 + known }
        ) {
            return true
        }
        let words = Set(name.split(separator: "_"))
        return words.count >= 2 && words.isStrictSubset(of: Set(known.split(separator: "_")))
    }

    private static func fold(_ name: String) -> [UInt8] {
        name.uppercased().utf8.filter { ![UInt8(ascii: "_"), UInt8(ascii: "-")].contains($0) }
    }
}
