// Reads `.env`: names and values as shells and Docker Compose write them. It must not know a
// variable.

/// The assignments of a `.env` file.
enum EnvironmentFile {
    /// Reads `NAME=value` lines: comments, blank lines, `export `, and single or double quotes are
    /// understood, and the mark that Windows puts before the first line; the last assignment to a
    /// name wins.
    ///
    /// - Parameter mistakes: gets a sentence for every line that is no assignment, without its
    ///   content, which may be half of a secret.
    static func assignments(in text: String, mistakes: inout [String]) -> [String: String] {
        var values: [String: String] = [:]
        let lines = text.trimmingPrefix("\u{FEFF}").split(
            omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            var rest = line.trimmingSpaces()
            if rest.isEmpty || rest.hasPrefix("#") { continue }
            if rest.hasPrefix("export ") { rest = rest.dropFirst(7).trimmingSpaces() }
            guard let equals = rest.firstIndex(of: "="),
                let name = name(rest[..<equals].trimmingSpaces())
            else {
                mistakes.append(".env line \(index + 1): expected NAME=value")
                continue
            }
            values[name] = value(rest[rest.index(after: equals)...])
        }
        return values
    }

    private static func name(_ text: Substring) -> String? {
        let isName =
            !text.isEmpty
            && text.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "_") || (0x30...0x39).contains(byte)
                    || (0x41...0x5A).contains(byte & 0xDF)
            }
        return isName ? String(text) : nil
    }

    /// Quoted values keep everything between their quotes; bare ones end before a blank and `#`.
    private static func value(_ written: Substring) -> String {
        let text = written.trimmingSpaces()
        if let quote = text.first, quote == "\"" || quote == "'",
            let end = text.dropFirst().firstIndex(of: quote)
        {
            return String(text[text.index(after: text.startIndex)..<end])
        }
        // The blank may be all that stands before the comment: `NAME= # nothing`.
        let comments = [" #", "\t#"].compactMap { written.firstRange(of: $0)?.lowerBound }
        return String(written[..<(comments.min() ?? written.endIndex)].trimmingSpaces())
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
