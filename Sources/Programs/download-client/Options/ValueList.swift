// Lists as people write them on a command line: with blanks, commas or semicolons, in quotes or
// as JSON.

/// Takes lists apart.
enum ValueList {
    /// The elements of all texts together, in order: `BTC-USDT,ETH-USDT` and `"BTC-USDT ETH-USDT"`
    /// are two, and so is `["BTC-USDT", "ETH-USDT"]`. A separator after a backslash is part of the
    /// element, for the few symbols that hold one. Texts without any element stay as they are: the
    /// service says what is wrong with them.
    static func elements(of texts: [String]) -> [String] {
        texts.flatMap { text in
            let elements = elements(of: text)
            return elements.isEmpty ? [text] : elements
        }
    }

    private static func elements(of text: String) -> [String] {
        let isJSON = text.hasPrefix("[") && text.hasSuffix("]")
        let body = isJSON ? text.dropFirst().dropLast() : text[...]
        var elements: [String] = []
        var element = ""
        var isEscaped = false
        for character in body {
            if isEscaped {
                if !isSeparator(character) { element.append("\\") }
                element.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if isSeparator(character) {
                if !element.isEmpty { elements.append(element) }
                element = ""
            } else if !isQuote(character) {
                element.append(character)
            }
        }
        if isEscaped { element.append("\\") }
        return element.isEmpty ? elements : elements + [element]
    }

    /// Also those that word processors make.
    private static func isQuote(_ character: Character) -> Bool {
        "\"'“”„‘’«»".contains(character)
    }

    private static func isSeparator(_ character: Character) -> Bool {
        character == "," || character == ";" || character.isWhitespace
    }
}
