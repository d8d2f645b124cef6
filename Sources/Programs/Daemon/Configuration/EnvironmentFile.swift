// `.env`: names and values as shells and Docker Compose write them, and a check for misspelt names.

import Datasets

/// The assignments of a `.env` file.
enum EnvironmentFile {
    /// Reads `NAME=value` lines: comments, blank lines, `export `, and single or double quotes are
    /// understood, and the mark that Windows puts before the first line; the last assignment to a
    /// name wins.
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
                values[name] = try value(rest[rest.index(after: equals)...])
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

    private struct QuotationError: Error {
        let words: String

        /// For `${NAME}`, which shells, Compose and the predecessor's library replace.
        static let reference = QuotationError(
            words: "${NAME} is not replaced by the variable's value here; write the value itself, "
                + "or put it between single quotes where these characters are part of it")
    }

    /// What paths may begin with; their settings replace it.
    private static let home = "${HOME}"

    /// Quoted values keep everything between their quotes; bare ones end before a blank and `#`.
    private static func value(_ written: Substring) throws(QuotationError) -> String {
        let text = written.trimmingSpaces()
        if let quote = text.first, quote == "\"" || quote == "'" {
            return try quoted(text.dropFirst(), by: quote)
        }
        // The blank may be all that stands before the comment: `NAME= # nothing`.
        let comments = [" #", "\t#"].compactMap { written.firstRange(of: $0)?.lowerBound }
        let value = written[..<(comments.min() ?? written.endIndex)].trimmingSpaces()
        guard !value.trimmingPrefix(home).contains("${") else { throw .reference }
        return String(value)
    }

    /// - Parameter text: what follows the quotation mark; nothing but a comment may follow the
    ///   closing one, where a shell and Compose would each read something else.
    private static func quoted(
        _ text: Substring, by quote: Character
    ) throws(QuotationError) -> String {
        var value = ""
        var rest = text
        while let character = rest.popFirst() {
            if character == quote {
                let end = rest.trimmingSpaces()
                guard end.isEmpty || end.hasPrefix("#") && end.startIndex > rest.startIndex else {
                    throw QuotationError(
                        words: "text stands behind the closing quotation mark; put all of the "
                            + "value between the marks")
                }
                return value
            }
            if quote == "\"", character == "$", rest.hasPrefix("{"),
                !value.isEmpty || !rest.hasPrefix(home.dropFirst())
            {
                throw .reference
            }
            if quote == "\"", character == "\\", let next = rest.first, escaped.contains(next) {
                value.append(next)
                rest.removeFirst()
            } else {
                value.append(character)
            }
        }
        throw QuotationError(
            words: "the quotation mark \(quote) is not closed in its line; close it, or put the "
                + "value between marks of the other kind")
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
