// What a client would like, without insisting (RFC 7240): the Prefer field, taken apart. It must
// not know which preferences anybody honours.

/// The preferences of a request.
package struct Preferences: Sendable {
    /// Names in lower case; an empty value and none are the same (RFC 7240 §2).
    private var values: [String: String] = [:]

    /// Reads all Prefer lines as one list; what is no preference is passed over, as is a second
    /// preference of a name.
    package init(_ headers: Headers) {
        for line in headers.all("Prefer") {
            for element in Preferences.split(line, at: ",") {
                // Parameters of a preference follow after semicolons.
                let preference = Preferences.split(element, at: ";").first ?? ""
                let sides = preference.split(
                    separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                let name = Preferences.trimmed(sides[0]).lowercased()
                guard !name.isEmpty, values[name] == nil else { continue }
                let value = sides.count > 1 ? Preferences.trimmed(sides[1]) : ""
                values[name] = Preferences.unquoted(value)
            }
        }
    }

    /// The value of a preference, empty where it has none; `nil` where it was not expressed.
    ///
    /// - Parameter name: in lower case.
    package subscript(name: String) -> String? { values[name] }

    /// The parts between separators that do not stand in quotes.
    private static func split(_ text: String, at separator: Character) -> [String] {
        var parts = [""]
        var isQuoted = false
        var isEscaped = false
        for character in text {
            if character == separator, !isQuoted {
                parts.append("")
                continue
            }
            if isEscaped {
                isEscaped = false
            } else if character == "\\", isQuoted {
                isEscaped = true
            } else if character == "\"" {
                isQuoted.toggle()
            }
            parts[parts.count - 1].append(character)
        }
        return parts
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        let blank = { (character: Character) in character == " " || character == "\t" }
        return String(text.drop(while: blank).reversed().drop(while: blank).reversed())
    }

    /// The content of a quoted string (RFC 9110 §5.6.4); any other text as it is.
    private static func unquoted(_ text: String) -> String {
        guard text.count >= 2, text.first == "\"", text.last == "\"" else { return text }
        var content = ""
        var isEscaped = false
        for character in text.dropFirst().dropLast() {
            if character == "\\", !isEscaped {
                isEscaped = true
            } else {
                content.append(character)
                isEscaped = false
            }
        }
        return content
    }
}
