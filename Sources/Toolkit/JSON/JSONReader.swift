// JSON text to values, strictly, reporting errors in the words and offsets of Python's json module,
// which the API's users know.

/// Reads one JSON text (RFC 8259).
package struct JSONReader {
    /// The deepest nesting of arrays and objects, the outermost included: more than any request
    /// needs, and far less than the stack holds.
    static let depthMax = 32

    private let bytes: [UInt8]
    private let repairsSurrogates: Bool
    private var position = 0

    /// - Parameter bytes: valid UTF-8; a byte order mark in front is skipped (RFC 8259 §8.1), and
    ///   offsets do not count it.
    private init(_ bytes: [UInt8], repairsSurrogates: Bool) {
        self.repairsSurrogates = repairsSurrogates
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        self.bytes = bytes.starts(with: mark) ? Array(bytes.dropFirst(mark.count)) : bytes
    }

    /// The value of the text.
    ///
    /// - Parameter repairsSurrogates: whether the escape of half a surrogate pair is read as U+FFFD
    ///   instead of being refused.
    /// - Throws: the first error in the text.
    package static func read(
        _ bytes: [UInt8], repairsSurrogates: Bool = false
    ) throws(JSONSyntaxError) -> JSONValue {
        var reader = JSONReader(bytes, repairsSurrogates: repairsSurrogates)
        reader.skipBlanks()
        let value = try reader.value(depth: 0)
        reader.skipBlanks()
        guard reader.current == nil else { throw reader.error("Extra data") }
        return value
    }

    /// The names of an object's members so far. Comparing a few is faster than hashing them.
    private struct Names {
        private var few: [String] = []
        private var many: Set<String> = []
        private static let fewMax = 12

        /// - Returns: whether the name is new.
        mutating func insert(_ name: String) -> Bool {
            if few.contains(name) { return false }
            if few.count < Names.fewMax {
                few.append(name)
                return true
            }
            return many.insert(name).inserted
        }
    }

    // MARK: Values

    private mutating func value(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        switch current {
        case UInt8(ascii: "{"): return try object(depth: depth + 1)
        case UInt8(ascii: "["): return try array(depth: depth + 1)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "n") where skip("null"): return .null
        case UInt8(ascii: "t") where skip("true"): return .bool(true)
        case UInt8(ascii: "f") where skip("false"): return .bool(false)
        default: return .number(try number())
        }
    }

    private mutating func array(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        try enter(depth: depth)
        var elements: [JSONValue] = []
        if skip("]") { return .array(elements) }
        while true {
            elements.append(try value(depth: depth))
            skipBlanks()
            if skip("]") { return .array(elements) }
            guard skip(",") else { throw error("Expecting ',' delimiter") }
            skipBlanks()
        }
    }

    private mutating func object(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        try enter(depth: depth)
        var members: [JSONValue.Member] = []
        var names = Names()
        if skip("}") { return .object(members) }
        while true {
            guard current == UInt8(ascii: "\"") else {
                throw error("Expecting property name enclosed in double quotes")
            }
            let start = position
            let name = try string()
            // Two readers may take such a text for two different requests.
            guard names.insert(name) else { throw error("Duplicate member", at: start) }
            skipBlanks()
            guard skip(":") else { throw error("Expecting ':' delimiter") }
            skipBlanks()
            members.append(JSONValue.Member(name, try value(depth: depth)))
            skipBlanks()
            if skip("}") { return .object(members) }
            guard skip(",") else { throw error("Expecting ',' delimiter") }
            skipBlanks()
        }
    }

    /// Steps over the opening bracket.
    private mutating func enter(depth: Int) throws(JSONSyntaxError) {
        guard depth <= JSONReader.depthMax else { throw error("Too deeply nested") }
        position += 1
        skipBlanks()
    }

    /// The longest number here; the caller checks what follows it.
    private mutating func number() throws(JSONSyntaxError) -> String {
        var end = position
        if byte(at: end) == UInt8(ascii: "-") { end += 1 }
        guard let first = byte(at: end), JSONReader.isDigit(first) else {
            throw error("Expecting value")
        }
        end = first == UInt8(ascii: "0") ? end + 1 : digits(from: end)
        if byte(at: end) == UInt8(ascii: ".") {
            let fraction = digits(from: end + 1)
            if fraction > end + 1 { end = fraction }
        }
        if let letter = byte(at: end), letter | 0x20 == UInt8(ascii: "e") {
            var start = end + 1
            if let sign = byte(at: start), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
                start += 1
            }
            let exponent = digits(from: start)
            if exponent > start { end = exponent }
        }
        defer { position = end }
        return String(decoding: bytes[position..<end], as: UTF8.self)
    }

    private func digits(from start: Int) -> Int {
        var end = start
        while let digit = byte(at: end), JSONReader.isDigit(digit) { end += 1 }
        return end
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    // MARK: Strings

    private mutating func string() throws(JSONSyntaxError) -> String {
        let start = position
        position += 1
        skipPlain()
        // The usual case: nothing is escaped.
        if current == UInt8(ascii: "\"") {
            defer { position += 1 }
            return String(decoding: bytes[(start + 1)..<position], as: UTF8.self)
        }
        var text = Array(bytes[(start + 1)..<position])
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let character = try escape(of: start) else {
                    throw error("Unterminated string starting at", at: start)
                }
                text.append(contentsOf: String(character).utf8)
            case 0..<0x20:
                throw error("Invalid control character at")
            default:
                text.append(byte)
                position += 1
            }
        }
        throw error("Unterminated string starting at", at: start)
    }

    /// Skips characters of a string that are not escaped.
    private mutating func skipPlain() {
        while let byte = current, byte >= 0x20, byte != UInt8(ascii: "\""),
            byte != UInt8(ascii: "\\")
        {
            position += 1
        }
    }

    /// Reads an escape; `nil` if the text ends in it.
    private mutating func escape(of start: Int) throws(JSONSyntaxError) -> Unicode.Scalar? {
        guard let letter = byte(at: position + 1) else { return nil }
        let scalar: Unicode.Scalar
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): scalar = .init(letter)
        case UInt8(ascii: "b"): scalar = "\u{8}"
        case UInt8(ascii: "f"): scalar = "\u{C}"
        case UInt8(ascii: "n"): scalar = "\n"
        case UInt8(ascii: "r"): scalar = "\r"
        case UInt8(ascii: "t"): scalar = "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw error(#"Invalid \escape"#)
        }
        position += 2
        return scalar
    }

    /// Reads `\uXXXX`, or two of them for one character beyond the first 65,536.
    private mutating func unicodeEscape() throws(JSONSyntaxError) -> Unicode.Scalar {
        let letter = position + 1
        let first = try codeUnit(after: letter)
        position += 6
        if let scalar = Unicode.Scalar(first) { return scalar }
        if UTF16.isLeadSurrogate(UInt16(first)), byte(at: position) == UInt8(ascii: "\\"),
            byte(at: position + 1) == UInt8(ascii: "u")
        {
            let second = try codeUnit(after: position + 1)
            if UTF16.isTrailSurrogate(UInt16(second)) {
                position += 6
                let value = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)
                return Unicode.Scalar(value) ?? "\u{FFFD}"
            }
        }
        guard repairsSurrogates else { throw error("Unpaired surrogate", at: letter) }
        return "\u{FFFD}"
    }

    private func codeUnit(after letter: Int) throws(JSONSyntaxError) -> UInt32 {
        var unit: UInt32 = 0
        for offset in 1...4 {
            guard let byte = byte(at: letter + offset),
                let digit = Character(Unicode.Scalar(byte)).hexDigitValue
            else { throw error(#"Invalid \uXXXX escape"#, at: letter) }
            unit = unit << 4 | UInt32(digit)
        }
        return unit
    }

    // MARK: Bytes

    private var current: UInt8? { byte(at: position) }

    private func byte(at index: Int) -> UInt8? {
        index < bytes.count ? bytes[index] : nil
    }

    private mutating func skipBlanks() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }

    private mutating func skip(_ word: StaticString) -> Bool {
        let end = position + word.utf8CodeUnitCount
        let matches = word.withUTF8Buffer { expected in
            end <= bytes.count && bytes[position..<end].elementsEqual(expected)
        }
        if matches { position = end }
        return matches
    }

    private func error(_ words: String, at index: Int? = nil) -> JSONSyntaxError {
        let characters = bytes[..<(index ?? position)].count { $0 & 0xC0 != 0x80 }
        return JSONSyntaxError(words: words, offset: characters)
    }
}

/// The first error of a text that is not JSON.
package struct JSONSyntaxError: Error, Hashable {
    /// Python's words.
    package var words: String
    /// Unicode scalars before the error.
    package var offset: Int
}
