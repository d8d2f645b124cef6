// `DATABASE_URL`: the predecessor's spellings of a path. What SQLite or SQLAlchemy would read as
// more than a path is refused, so that the database, its lock and its backups mean one file.

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
