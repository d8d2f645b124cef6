// What a client would like, without insisting (RFC 7240): the Prefer field, taken apart.

/// The preferences of a request.
package struct Preferences: Sendable {
    /// Names in lower case; an empty value and none are the same (RFC 7240 §2).
    private var values: [String: String] = [:]

    /// Reads all Prefer lines as one list; what is no preference is passed over, as is a second
    /// preference of a name.
    package init(_ headers: Headers) {
        for line in headers.all("Prefer") {
            for element in Preferences.split(Array(line.utf8)[...], at: Byte.comma) {
                // Parameters of a preference follow after semicolons.
                let preference = Preferences.split(element, at: Byte.semicolon).first ?? []
                let sides = preference.split(
                    separator: Byte.equals, maxSplits: 1, omittingEmptySubsequences: false)
                let name = String(decoding: Preferences.trimmed(sides[0]), as: UTF8.self)
                    .lowercased()
                guard !name.isEmpty, values[name] == nil else { continue }
                let value = sides.count > 1 ? Preferences.trimmed(sides[1]) : []
                values[name] = Preferences.unquoted(value)
            }
        }
    }

    /// The value of a preference, empty where it has none; `nil` where it was not expressed.
    ///
    /// - Parameter name: in lower case.
    package subscript(name: String) -> String? { values[name] }

    /// The parts between separators that do not stand in quotes.
    private static func split(
        _ text: ArraySlice<UInt8>, at separator: UInt8
    ) -> [ArraySlice<UInt8>] {
        var parts: [ArraySlice<UInt8>] = []
        var start = text.startIndex
        var isQuoted = false
        var isEscaped = false
        for index in text.indices {
            let byte = text[index]
            if byte == separator, !isQuoted {
                parts.append(text[start..<index])
                start = index + 1
            } else if isEscaped {
                isEscaped = false
            } else if byte == Byte.backslash, isQuoted {
                isEscaped = true
            } else if byte == Byte.quote {
                isQuoted.toggle()
            }
        }
        return parts + [text[start...]]
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var text = text
        while text.first?.isBlank == true { text = text.dropFirst() }
        while text.last?.isBlank == true { text = text.dropLast() }
        return text
    }

    /// The content of a quoted string (RFC 9110 §5.6.4); any other text as it is.
    private static func unquoted(_ text: ArraySlice<UInt8>) -> String {
        guard text.count >= 2, text.first == Byte.quote, text.last == Byte.quote else {
            return String(decoding: text, as: UTF8.self)
        }
        var content: [UInt8] = []
        var isEscaped = false
        for byte in text.dropFirst().dropLast() {
            if byte == Byte.backslash, !isEscaped {
                isEscaped = true
            } else {
                content.append(byte)
                isEscaped = false
            }
        }
        return String(decoding: content, as: UTF8.self)
    }
}
