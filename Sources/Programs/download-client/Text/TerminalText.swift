// Text that fits a terminal and cannot take it over: widths in columns, lines broken between words,
// harmful characters made visible.

/// Columns of a terminal.
enum DisplayWidth {
    /// The columns that `text` takes: emoji and East Asian wide characters take two.
    static func of(_ text: String) -> Int {
        text.reduce(0) { $0 + columns(of: $1) }
    }

    /// The longest beginning of `text` that fits into `columns`, with `…` where something was
    /// cut off.
    static func truncated(_ text: String, to columns: Int) -> String {
        guard of(text) > columns else { return text }
        var result = ""
        var used = 0
        for character in text {
            used += self.columns(of: character)
            if used > columns - 1 { break }
            result.append(character)
        }
        return columns > 0 ? result + "…" : ""
    }

    /// Ranges after Unicode Standard Annex #11, coarsely: what people write in symbols and names.
    private static func columns(of character: Character) -> Int {
        guard let scalar = character.unicodeScalars.first else { return 0 }
        if scalar.properties.isEmojiPresentation { return 2 }
        if character.unicodeScalars.contains("\u{FE0F}") { return 2 }
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
            0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD:
            return 2
        default:
            return scalar.properties.generalCategory == .nonspacingMark ? 0 : 1
        }
    }
}

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

    /// One line, broken between words.
    ///
    /// - Parameters:
    ///   - hanging: the columns that further lines are indented by, less where a word would not
    ///     fit; `nil` for two more than the line.
    ///   - joint: what stands at the end of every line but the last.
    static func wrapped(
        line: Substring, to columns: Int, hanging: Int? = nil, joint: String = ""
    ) -> String {
        guard DisplayWidth.of(String(line)) > columns else { return String(line) }
        let columns = columns - joint.count
        let indent = String(line.prefix { $0 == " " })
        var result = indent
        var used = indent.count
        var isAtStart = true
        // The blanks between two words stay where both are on one line: tables have several.
        var remaining = line.dropFirst(indent.count)
        while !remaining.isEmpty {
            let blanks = remaining.prefix { $0 == " " }
            let word = remaining.dropFirst(blanks.count).prefix { $0 != " " }
            remaining = remaining.dropFirst(blanks.count + word.count)
            let width = DisplayWidth.of(String(word))
            if isAtStart, hanging != nil, used + width > columns {
                used = min(used, max(columns - width, 0))
                result = String(repeating: " ", count: used) + word
                used += width
            } else if isAtStart || used + blanks.count + width <= columns {
                result += blanks + word
                used += blanks.count + width
            } else if !word.isEmpty {
                let further = hanging.map { min($0, max(columns - width, 0)) } ?? indent.count + 2
                result += joint + "\n" + String(repeating: " ", count: further) + word
                used = further + width
            }
            isAtStart = false
        }
        return result
    }
}

/// Makes visible what a terminal would obey: escape sequences, control characters, and the
/// invisible marks that reorder a line.
enum TerminalSafeText {
    /// The text on one line; every character that does something becomes its code, as in `\u{1B}`.
    static func line(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isHarmful) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if isHarmful(scalar) {
                result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// The text with its line breaks kept, each further line indented by `indent` so that it
    /// cannot pass for a line of ours.
    static func paragraph(_ text: String, indent: String = "  ") -> String {
        text.split(separator: "\n", omittingEmptySubsequences: true)
            .map { line(String($0)) }
            .joined(separator: "\n" + indent)
    }

    /// Control (C0, DEL, C1), format (bidirectional overrides, zero-width marks), separators of
    /// lines and paragraphs, and private or unassigned code points. The joiner
    /// and the variation selectors that emoji are built with reorder nothing and stay.
    private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7F }
        switch scalar.properties.generalCategory {
        case .format: return scalar.value != 0x200D
        case .control, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
            return true
        default: return false
        }
    }
}
