// Text from outside made safe for a terminal. It must not know where the text comes from: every
// string of the server passes here before it is printed.

/// Makes what a terminal would obey visible instead: escape sequences, control characters, and
/// the invisible marks that reorder a line.
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
    /// lines and paragraphs, and code points without a meaning that everybody shares. The joiner
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
