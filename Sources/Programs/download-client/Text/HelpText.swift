// Help and usage errors, laid out for the terminal: the parser breaks neither usage lines nor
// messages, and would cut commands of examples where they cannot be copied.

/// Lays out what the parser has rendered without a bound.
enum HelpText {
    /// Wide enough that the parser breaks no line by itself.
    static let unboundedColumns = 100_000
    /// Where the parser begins descriptions of options.
    private static let descriptionColumn = 26
    /// In fewer columns a description stands below its option: beside it there would be one or two
    /// words in a line.
    private static let besideMin = 60
    private static let belowIndent = 6
    /// The programs that lines of examples call.
    private static let commands = ["download-client", "export", "source"]

    /// Whether the parser has made this text for people, and not for a program.
    static func isHelp(_ text: String) -> Bool {
        text.hasPrefix("OVERVIEW: ") || text.hasPrefix("USAGE: ")
    }

    /// The text with every line broken between words; lines of options and their values stay
    /// together, and commands can be copied.
    ///
    /// - Parameter columns: display columns, 1 or more; `nil` leaves lines as they are.
    static func fitted(_ text: String, to columns: Int?) -> String {
        guard let columns, columns > 0 else { return text }
        var isUsage = false
        return joined(text).map { line in
            if line.lowercased().hasPrefix("usage: ") {
                isUsage = true
                return usage(line, columns)
            }
            // Further forms stand below the first one, up to a blank line or the hint.
            isUsage = isUsage && line.hasPrefix("       ")
            return isUsage ? usage(line, columns) : fitted(line: line, columns)
        }.joined(separator: "\n")
    }

    /// Lines, with commands that go on in the next one as one line.
    private static func joined(_ text: String) -> [Substring] {
        var lines: [Substring] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if let last = lines.last, last.hasSuffix(" \\") {
                lines[lines.count - 1] = last.dropLast() + line.drop { $0 == " " }
            } else {
                lines.append(line)
            }
        }
        return lines
    }

    private static func fitted(line: Substring, _ columns: Int) -> String {
        let indent = line.prefix { $0 == " " }.count
        if let (label, description) = option(in: line, indent) {
            return fitted(label, description, columns)
        }
        if indent > 0, commands.contains(where: { line.dropFirst(indent).hasPrefix($0 + " ") }) {
            return WordWrap.wrapped(line: line, to: columns, hanging: indent + 4, joint: " \\")
        }
        return WordWrap.wrapped(line: line, to: columns, hanging: hanging(in: line, indent))
    }

    /// The option or subcommand in a line, and what it means; an empty option where that was too
    /// long for its column and stands in the line before.
    private static func option(in line: Substring, _ indent: Int) -> (String, String)? {
        guard indent == 2 || indent == descriptionColumn, line.count > descriptionColumn else {
            return nil
        }
        let label = line.prefix(descriptionColumn)
        guard label.last == " " else { return nil }
        let words = label.split(separator: " ").joined(separator: " ")
        // In a paragraph the column is in the middle of a sentence.
        let isPadded = label.hasSuffix("  ") || indent == descriptionColumn
        guard isPadded || words.hasPrefix("-") || words.hasPrefix("<") else { return nil }
        return (words, String(line.dropFirst(descriptionColumn)))
    }

    private static func fitted(_ label: String, _ text: String, _ columns: Int) -> String {
        let isBeside = columns >= besideMin
        let indent = isBeside ? descriptionColumn : belowIndent
        let blanks = String(repeating: " ", count: indent)
        let description = WordWrap.wrapped(
            line: (blanks + text)[...], to: columns, hanging: indent)
        guard !label.isEmpty else { return description }
        guard isBeside else {
            return WordWrap.wrapped(line: ("  " + label)[...], to: columns) + "\n" + description
        }
        // The description's first word has moved up where it does not fit beside the option.
        guard description.hasPrefix(blanks) else { return "  " + label + "\n" + description }
        let padding = String(repeating: " ", count: max(indent - 2 - label.count, 1))
        return "  " + label + padding + description.dropFirst(indent)
    }

    /// Where a line goes on: below the second part of `  0    done`, else two columns further in.
    private static func hanging(in line: Substring, _ indent: Int) -> Int? {
        let text = line.dropFirst(indent)
        // What a heading announces stands further in.
        if line.last == ":" { return indent }
        guard let gap = text.firstRange(of: "  "), indent > 0 || text.hasPrefix("Help:") else {
            return indent > 0 || text.hasPrefix("Error:") ? nil : 0
        }
        let rest = text[gap.lowerBound...].drop { $0 == " " }
        return line.distance(from: line.startIndex, to: rest.startIndex)
    }

    /// A usage line; neither `[--limit <n>]` nor `--limit <n>` nor `<symbol> ...` is broken.
    private static func usage(_ line: Substring, _ columns: Int) -> String {
        let bound = "\u{A0}"
        let indent = line.prefix { $0 == " " }
        var text = ""
        var depth = 0
        var previous = ""
        for word in line.split(separator: " ") {
            let isValue = word.hasPrefix("<") && previous.hasPrefix("-")
            let isBound = depth > 0 || word == "..." || isValue
            text += (text.isEmpty ? "" : isBound ? bound : " ") + word
            depth += word.count { $0 == "[" } - word.count { $0 == "]" }
            previous = String(word)
        }
        // Two further in than the forms below the first one.
        let wrapped = WordWrap.wrapped(line: (indent + text)[...], to: columns, hanging: 9)
        return wrapped.replacing(bound, with: " ")
    }
}
