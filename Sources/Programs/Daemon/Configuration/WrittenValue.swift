// The rules for values of variables: quotes, lists, `~` and `$HOME` in paths, proxies, and the
// spellings of `DATABASE_URL`. A value is understood or refused, never taken literally.

import Datasets

/// Why a value is refused, as the end of a sentence that begins with the variable's name.
struct ValueProblem: Error, Equatable {
    let words: String

    init(_ words: String) { self.words = words }
}

/// Reads single texts, paths and lists.
enum WrittenValue {
    private static let quotes: Set<Character> = ["\"", "'"]
    /// Those of word processors, which mean the same and are no part of a value either.
    private static let curlyQuotes: Set<Character> = ["“", "”", "„", "‘", "«", "»"]
    /// What stands between names: also as keyboards of other scripts write it.
    private static let separators: Set<Character> = [
        ",", ";", "，", "；", "、", "،", "؛", "\n", "\r", "\r\n",
    ]

    /// The value without the quotation marks around all of it: `docker run --env-file` and systemd
    /// hand them on.
    static func unquoted(_ text: String) -> String {
        guard text.count >= 2, let quote = text.first, quotes.contains(quote), text.last == quote
        else { return text }
        let inner = text.dropFirst().dropLast()
        return inner.contains(quote) ? text : String(inner)
    }

    /// What is wrong with a single value.
    ///
    /// - Parameter isSecret: it may hold any character, and nothing of it is repeated.
    static func check(_ text: String, isSecret: Bool = false) throws(ValueProblem) {
        // Stands for bytes that were not UTF-8.
        guard !text.unicodeScalars.contains("\u{FFFD}") else {
            throw ValueProblem("is not UTF-8 text")
        }
        if isSecret {
            let isVariable = text.first == "$" && isName(text.dropFirst())
            let isExpression = [("${", "}"), ("$(", ")"), ("`", "`")].contains { begin, end in
                text.hasPrefix(begin) && text.hasSuffix(end)
            }
            guard !isVariable, !isExpression else {
                throw ValueProblem(
                    "is a shell variable or command, which is not replaced here; write its value")
            }
            return
        }
        let marks = quotes.union(curlyQuotes)
        if let quote = [text.first, text.last].compactMap(\.self).first(where: marks.contains) {
            throw ValueProblem("has a quotation mark (\(quote)) at one end; remove it")
        }
        if let part = shellPart(of: text) {
            throw ValueProblem(
                "holds \(part), which is not replaced here; write the value itself")
        }
    }

    /// A path with `~`, `$HOME` or `${HOME}` at its beginning replaced by the home folder.
    ///
    /// - Parameter home: `HOME`, where it is set.
    static func path(_ text: String, home: String?) throws(ValueProblem) -> String {
        var path = text
        if let beginning = ["~", "$HOME", "${HOME}"].first(where: { begins(text, with: $0) }) {
            guard let home, home.utf8.first == UInt8(ascii: "/") else {
                throw ValueProblem("begins with \(beginning), but HOME is not set; write the path")
            }
            path = (home == "/" ? "" : home) + text.dropFirst(beginning.count)
            if path.isEmpty { path = "/" }
        } else if text.utf8.first == UInt8(ascii: "~") {
            throw ValueProblem(
                "begins with another user's ~, which is not replaced; write the path")
        }
        try check(path)
        guard path.unicodeScalars.allSatisfy(\.isPrintable) else {
            throw ValueProblem("holds control or invisible characters")
        }
        guard !path.contains("\\") else {
            throw ValueProblem(
                "holds a backslash; folders are separated by /, and blanks need no backslash")
        }
        guard !path.contains("://"), !path.lowercased().hasPrefix("file:") else {
            throw ValueProblem("is a URL; write the path itself")
        }
        guard path.utf8.split(separator: UInt8(ascii: "/")).allSatisfy({ $0.count <= 255 }) else {
            throw ValueProblem("holds a name of more than 255 bytes")
        }
        return path
    }

    /// The names of a list: separated by commas, semicolons or line ends, each with or without
    /// quotation marks, or all of it as JSON writes a list.
    static func list(_ text: String) throws(ValueProblem) -> [String] {
        guard !text.unicodeScalars.contains("\u{FFFD}") else {
            throw ValueProblem("is not UTF-8 text")
        }
        var rest = text[...].trimmingSpaces()
        if rest.first == "[" || rest.last == "]" {
            guard rest.count >= 2, rest.first == "[", rest.last == "]" else {
                throw ValueProblem(
                    "begins or ends with a bracket, but is no list such as alice,bob")
            }
            rest = rest.dropFirst().dropLast()
        }
        let written = rest.split(whereSeparator: separators.contains)
            .map { String($0.trimmingSpaces()) }
        let names = written.map { String(unquoted($0)[...].trimmingSpaces()) }
            .filter { !$0.isEmpty }
        guard !names.isEmpty else {
            throw ValueProblem("holds no name; write names such as alice,bob, or leave it out")
        }
        if let several = written.first(where: { unquoted($0) == $0 && hasBlank($0) }) {
            throw ValueProblem(
                "\"\(several)\" holds a blank; write commas between names, as in alice,bob, or a "
                    + "name with a blank as in [\"Jane Doe\",bob]")
        }
        for name in names {
            try check(name)
            let isWord = ["null", "none"].contains(name.lowercased())
            guard name != "*", !isWord, !name.contains(where: { "[]{}()<>|\"".contains($0) }) else {
                throw ValueProblem(
                    "\"\(name)\" is no name; write names such as alice,bob, or leave it out")
            }
        }
        return names
    }

    /// The part of a text that a shell would replace: `$NAME`, `${…}`, `$(…)` or a backquote.
    private static func shellPart(of text: String) -> Substring? {
        if let backquote = text.firstIndex(of: "`") { return text[backquote...].prefix(1) }
        for dollar in text.indices where text[dollar] == "$" {
            let rest = text[text.index(after: dollar)...]
            guard let next = rest.first else { break }
            if next == "{" || next == "(" { return text[dollar...].prefix(2) }
            let name = rest.prefix { isNamePart($0) }
            if !name.isEmpty, !next.isNumber { return text[dollar..<name.endIndex] }
        }
        return nil
    }

    private static func hasBlank(_ text: String) -> Bool { text.contains(where: \.isWhitespace) }

    private static func begins(_ text: String, with beginning: String) -> Bool {
        text == beginning || text.hasPrefix(beginning + "/")
    }

    private static func isName(_ text: Substring) -> Bool {
        !text.isEmpty && text.allSatisfy { isNamePart($0) }
    }

    /// Whether a name of a variable may hold it, apart from its beginning.
    static func isNamePart(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || character == "_")
    }
}

/// The path in a database URL.
enum DatabaseURL {
    private static let schemes = ["sqlite+aiosqlite://", "sqlite+pysqlite://", "sqlite://"]
    /// Of the 255 that a name may have, less what is added to it, such as `.broken-TIME`.
    private static let nameBytesMax = 200
    private static let noFile = ValueProblem(
        "names no SQLite file; write sqlite:///data/downloads.db or a path")

    /// The path of `sqlite:///PATH`, `sqlite+aiosqlite:///PATH` or `PATH`.
    ///
    /// - Parameter home: replaces `~` and `$HOME` at the path's beginning.
    static func path(_ text: String, home: String?) throws(ValueProblem) -> String {
        var path = text
        if let scheme = schemes.first(where: text.lowercased().hasPrefix) {
            // sqlite:///x is relative, sqlite:////x absolute.
            guard text.dropFirst(scheme.count).first == "/" else { throw noFile }
            path = String(text.dropFirst(scheme.count + 1))
        }
        guard path != "/~", !path.hasPrefix("/~/") else {
            throw ValueProblem(
                "begins with /~, which is no home folder; write sqlite:///~/downloads.db")
        }
        guard !path.contains("?") else {
            throw ValueProblem(
                "has options behind a question mark, which are not understood; leave them out")
        }
        guard !hasPercentEncoding(path) else {
            throw ValueProblem("holds percent-encoding; write the characters themselves")
        }
        guard !hasScheme(path), !path.isEmpty, !path.hasSuffix("/") else { throw noFile }
        path = try WrittenValue.path(path, home: home)
        guard let name = path.split(separator: "/").last, name != ".", name != "..",
            name.first != ":"
        else { throw noFile }
        guard name.utf8.count <= nameBytesMax else {
            throw ValueProblem(
                "names a file with a name of more than \(nameBytesMax) bytes, which leaves no room "
                    + "for those of the files beside it")
        }
        return path
    }

    /// Whether it begins like `file:x.db`, `jdbc:sqlite:x.db` or `C:x.db`.
    private static func hasScheme(_ path: String) -> Bool {
        guard let colon = path.firstIndex(of: ":"), path.first?.isLetter == true else {
            return false
        }
        return path[..<colon].allSatisfy { $0.isLetter || $0.isNumber || "+-.".contains($0) }
    }

    private static func hasPercentEncoding(_ path: String) -> Bool {
        path.indices.contains { place in
            let digits = path[place...].dropFirst().prefix(2)
            return path[place] == "%" && digits.count == 2 && digits.allSatisfy(\.isHexDigit)
        }
    }
}

/// Proxies, as libcurl reads them from the environment
/// (https://curl.se/libcurl/c/CURLOPT_PROXY.html, CURLOPT_NOPROXY.html).
enum ProxyValue {
    private static let schemes = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"]

    /// The URL of a proxy, with or without its scheme. It may hold a password: nothing of it is
    /// repeated.
    static func check(_ text: String) throws(ValueProblem) {
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        let host =
            parts.last?.split(separator: "@", omittingEmptySubsequences: false).last?
            .prefix { $0 != "/" } ?? ""
        let isKnown = parts.count == 1 || schemes.contains(parts[0].lowercased())
        let isHost = host.contains { $0.isLetter || $0.isNumber }
        guard isKnown, isHost, !host.contains(where: { "$`{}()\"',;\\".contains($0) }),
            text.unicodeScalars.allSatisfy({ $0.isPrintable && $0 != " " })
        else { throw ValueProblem("is no proxy such as http://proxy.example:3128") }
    }

    /// Machines that are reached without a proxy: libcurl separates them by commas and blanks only.
    static func checkNames(_ text: String) throws(ValueProblem) {
        // A single IPv6 address may stand between brackets.
        let isList = text.first == "[" && text.last == "]" && !text.contains(":")
        guard !isList, !text.contains(where: { "$`{}()\"';\\".contains($0) }) else {
            throw ValueProblem("is no list such as localhost,10.0.0.0/8,.example.org")
        }
    }
}
