// Telegram's HTML (core.telegram.org/bots/api#html-style): the tags and entities that its server
// accepts, and its messages for everything else.

/// The text of a message once its entities are parsed.
struct MessageText {
    /// What a reader sees.
    private(set) var plain: String

    /// Reads HTML as Telegram's server does.
    ///
    /// - Throws: ``BotError`` with the server's own text.
    init(html: String) throws(BotError) {
        var parser = Parser(bytes: Array(html.utf8))
        try parser.run()
        plain = String(decoding: parser.output, as: UTF8.self)
    }

    private static let tags: Set<String> = [
        "a", "b", "strong", "i", "em", "s", "strike", "del", "u", "ins", "tg-spoiler", "tg-emoji",
        "tg-time", "span", "pre", "code", "blockquote",
    ]

    /// One pass over the bytes; positions in complaints are byte offsets.
    private struct Parser {
        let bytes: [UInt8]
        var position = 0
        var output: [UInt8] = []
        var open: [String] = []

        init(bytes: [UInt8]) {
            self.bytes = bytes
        }

        mutating func run() throws(BotError) {
            while position < bytes.count {
                switch bytes[position] {
                case UInt8(ascii: "&"): readEntity()
                case UInt8(ascii: "<"):
                    if position + 1 < bytes.count, bytes[position + 1] == UInt8(ascii: "/") {
                        try readEndTag()
                    } else {
                        try readStartTag()
                    }
                default:
                    output.append(bytes[position])
                    position += 1
                }
            }
            if let tag = open.last {
                throw .unparsable("Can't find end tag corresponding to start tag \"\(tag)\"")
            }
        }

        /// A named or numeric entity; anything else is an ampersand that stands for itself.
        private mutating func readEntity() {
            let following = bytes[(position + 1)...].prefix(10)
            guard let end = following.firstIndex(of: UInt8(ascii: ";")),
                let character = MessageText.character(
                    named: String(decoding: following[..<end], as: UTF8.self))
            else {
                output.append(UInt8(ascii: "&"))
                position += 1
                return
            }
            output.append(contentsOf: String(character).utf8)
            position = end + 1
        }

        private mutating func readStartTag() throws(BotError) {
            let start = position
            guard let end = bytes[start...].firstIndex(of: UInt8(ascii: ">")) else {
                throw .unparsable("Unclosed start tag at byte offset \(start)")
            }
            let tag = String(decoding: bytes[(start + 1)..<end], as: UTF8.self)
            let name = tag.prefix { !$0.isWhitespace }.lowercased()
            guard MessageText.tags.contains(name) else {
                throw .unparsable("Unsupported start tag \"\(name)\" at byte offset \(start)")
            }
            if name == "span", !tag.contains("tg-spoiler") {
                throw .unparsable(
                    "Tag \"span\" must have class \"tg-spoiler\" at byte offset \(start)")
            }
            open.append(name)
            position = end + 1
        }

        private mutating func readEndTag() throws(BotError) {
            let start = position
            guard let tag = open.popLast() else {
                throw .unparsable("Unexpected end tag at byte offset \(start)")
            }
            guard let end = bytes[start...].firstIndex(of: UInt8(ascii: ">")) else {
                throw .unparsable("Unclosed end tag at byte offset \(start)")
            }
            let name = String(decoding: bytes[(start + 2)..<end], as: UTF8.self).lowercased()
            guard name.isEmpty || name == tag else {
                throw .unparsable(
                    "Unmatched end tag at byte offset \(start), expected \"</\(tag)>\", found"
                        + " \"</\(name)>\"")
            }
            position = end + 1
        }
    }

    private static func character(named name: String) -> Character? {
        switch name {
        case "lt": return "<"
        case "gt": return ">"
        case "amp": return "&"
        case "quot": return "\""
        default:
            guard name.hasPrefix("#") else { return nil }
            let digits = name.dropFirst()
            let isHexadecimal = digits.first == "x" || digits.first == "X"
            let value = isHexadecimal ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
            return value.flatMap(Unicode.Scalar.init).map(Character.init)
        }
    }
}
