// Names and numbers as they stand in sentences for people.

/// Pieces of sentences.
package enum TextFormat {
    /// Enough to recognise what was written; messages end up in logs and chats.
    private static let quotedCharactersMax = 64
    /// What is read of a text that may have a megabyte, and one character of it as many: enough for
    /// what is shown.
    private static let scalarsReadMax = 512

    /// A text between quotation marks, shortened, on one line.
    package static func quoted(_ text: String) -> String {
        let beginning = beginning(of: text)
        var shown = shortened(oneLine(beginning), to: quotedCharactersMax)
        if beginning.utf8.count < text.utf8.count, shown.last != "…" { shown += "…" }
        return "'\(shown)'"
    }

    private static func beginning(of text: String) -> String {
        String(text.unicodeScalars.prefix(scalarsReadMax))
    }

    /// Line breaks and other control characters as spaces: a value must not look like a line of its
    /// own.
    package static func oneLine(_ text: String) -> String {
        String(text.map { $0.isNewline || $0.unicodeScalars.contains(where: isControl) ? " " : $0 })
    }

    /// At most this many characters, the last one `…` where some were cut off.
    package static func shortened(_ text: String, to charactersMax: Int) -> String {
        // Counting all characters of a long text would take longer than anything else.
        let end = text.index(text.startIndex, offsetBy: charactersMax, limitedBy: text.endIndex)
        guard let end, end < text.endIndex else { return text }
        return text.prefix(charactersMax - 1) + "…"
    }

    /// `a`, `a or b`, `a, b or c`.
    static func alternatives(_ names: [String]) -> String {
        guard let last = names.last, names.count > 1 else { return names.first ?? "" }
        return names.dropLast().joined(separator: ", ") + " or " + last
    }

    /// `a, b, c (and 4 more)`.
    ///
    /// - Parameter total: how many names there are, where `names` are only the first ones.
    package static func listed(
        _ names: [String], of total: Int? = nil, atMost limit: Int
    ) -> String {
        let shown = names.prefix(limit)
        let more = (total ?? names.count) - shown.count
        let text = shown.joined(separator: ", ")
        return more > 0 ? "\(text) (and \(more) more)" : text
    }

    /// ` (and 4 more)`, or nothing.
    package static func andMore(_ count: Int) -> String {
        count > 0 ? " (and \(grouped(count)) more)" : ""
    }

    /// `100,000`.
    package static func grouped(_ number: Int) -> String {
        if (0..<1_000).contains(number) { return String(number) }
        var digits = Array(String(number.magnitude))
        for index in stride(from: digits.count - 3, to: 0, by: -3) {
            digits.insert(",", at: index)
        }
        return (number < 0 ? "-" : "") + String(digits)
    }

    /// `512 MiB`, `1.5 GiB`; rounded down.
    package static func bytes(_ count: Int64) -> String {
        let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
        var (whole, tenths, unit) = (max(0, count), Int64(0), 0)
        while whole >= 1024, unit < units.count - 1 {
            (whole, tenths, unit) = (whole / 1024, whole % 1024 * 10 / 1024, unit + 1)
        }
        let hasTenths = unit > 0 && whole < 10 && tenths > 0
        return (hasTenths ? "\(whole).\(tenths)" : "\(whole)") + " " + units[unit]
    }

    /// `1 file`, `2 files`.
    package static func counted(_ number: Int, _ noun: String) -> String {
        "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
    }

    /// ` Did you mean a or b?`, or nothing.
    package static func question(about suggestions: [String]) -> String {
        suggestions.isEmpty ? "" : " Did you mean \(alternatives(suggestions))?"
    }

    /// What to do about a name that is wrong: ``question(about:)``, or, where it is a list written
    /// as one name, ` Write each symbol as an element of its own: "BTC-USDT", "ETH-USDT".`
    ///
    /// - Parameter separately: the advice for a list, such as `Write each symbol as an element of
    ///   its own`.
    static func advice(
        about text: String, _ suggestions: [String], separately: String
    ) -> String {
        let text = beginning(of: text)
        let names = text.split { ",;\"'[]".contains($0) || $0.isWhitespace }
        // A blank may stand for a hyphen; a comma stands for nothing.
        let isList = names.count > 1 && (suggestions.isEmpty || text.contains { ",;".contains($0) })
        guard isList else { return question(about: suggestions) }
        let examples = names.prefix(2).map { "\"\(shortened(oneLine(String($0)), to: 32))\"" }
        return " \(separately): \(examples.joined(separator: ", "))."
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control
    }
}

extension Unicode.Scalar {
    /// Whether it is visible: no control, no invisible mark or line separator, no private or
    /// unassigned code point. Unprintable characters can forge lines of a log, reorder the text
    /// around them, or make two names look like one.
    package var isPrintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned,
            .privateUse:
            false
        default: true
        }
    }
}
