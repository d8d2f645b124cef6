// Long lines broken between words, for terminals.

/// Breaks lines.
enum WordWrap {
    /// The text with every line that is wider than `columns` broken between words; what follows is
    /// indented by two more than the line. A word that is wider than a line, such as a path, stays
    /// whole, so that it can be copied.
    ///
    /// - Parameter columns: display columns; `nil` leaves the text as it is.
    static func wrapped(_ text: String, to columns: Int?) -> String {
        guard let columns, columns > 0 else { return text }
        return text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { wrapped(line: $0, to: columns) }.joined(separator: "\n")
    }

    private static func wrapped(line: Substring, to columns: Int) -> String {
        guard DisplayWidth.of(String(line)) > columns else { return String(line) }
        let indent = String(line.prefix { $0 == " " })
        let further = indent + "  "
        var result = indent
        var used = indent.count
        var isAtStart = true
        // The blanks between two words stay where both are on one line: tables have several.
        var rest = line.dropFirst(indent.count)
        while !rest.isEmpty {
            let blanks = rest.prefix { $0 == " " }
            let word = rest.dropFirst(blanks.count).prefix { $0 != " " }
            rest = rest.dropFirst(blanks.count + word.count)
            let width = DisplayWidth.of(String(word))
            if isAtStart || used + blanks.count + width <= columns {
                result += blanks + word
                used += blanks.count + width
            } else if !word.isEmpty {
                result += "\n" + further + word
                used = further.count + width
            }
            isAtStart = false
        }
        return result
    }
}
