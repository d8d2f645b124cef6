// The character classes of HTTP's and URI's grammars, and text as bytes.

/// A set of ASCII characters, as 128 bits.
struct ByteSet: Sendable {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    init(_ characters: StaticString) {
        characters.withUTF8Buffer { bytes in
            for byte in bytes { insert(byte) }
        }
    }

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        byte < 64
            ? low &>> UInt64(byte) & 1 == 1
            : byte < 128 && high &>> UInt64(byte &- 64) & 1 == 1
    }

    private mutating func insert(_ byte: UInt8) {
        precondition(byte < 128, "a class of ASCII characters")
        if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte - 64) }
    }

    /// tchar, what methods and field names are made of (RFC 9110 §5.6.2).
    static let token = ByteSet(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")

    /// What paths and queries are made of (RFC 3986 §3.3, §3.4), and the brackets that browsers
    /// leave unescaped in queries.
    static let target = ByteSet(
        """
        /?%:@!$&'()*+,;=-._~[]\
        0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz
        """)

    /// What a reg-name is made of beside percent-encoding (RFC 3986 §3.2.2).
    static let registeredName = ByteSet(
        "!$&'()*+,;=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
}

/// Bytes with names.
enum Byte {
    static let tab = UInt8(ascii: "\t")
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let space = UInt8(ascii: " ")
    static let quote = UInt8(ascii: "\"")
    static let percent = UInt8(ascii: "%")
    static let comma = UInt8(ascii: ",")
    static let dot = UInt8(ascii: ".")
    static let slash = UInt8(ascii: "/")
    static let colon = UInt8(ascii: ":")
    static let semicolon = UInt8(ascii: ";")
    static let equals = UInt8(ascii: "=")
    static let backslash = UInt8(ascii: "\\")
    static let delete: UInt8 = 0x7F
}

extension UInt8 {
    /// Space or tab: OWS (RFC 9110 §5.6.3).
    @inline(__always)
    var isBlank: Bool { self == Byte.space || self == Byte.tab }

    /// What no field value may contain: every control character but the tab (RFC 9110 §5.5).
    @inline(__always)
    var isForbiddenInValue: Bool { self < 0x20 && self != Byte.tab || self == Byte.delete }

    @inline(__always)
    var isDigit: Bool { self &- 0x30 < 10 }

    /// An ASCII letter in lower case; anything else as it is.
    @inline(__always)
    var lowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }

    /// The value of a hexadecimal digit.
    @inline(__always)
    var hexValue: UInt8? {
        if isDigit { return self &- 0x30 }
        let letter = self | 0x20
        return letter &- 0x61 < 6 ? letter &- 0x57 : nil
    }
}

extension [UInt8] {
    /// Adds the UTF-8 of a text.
    mutating func append(text: String) {
        var text = text
        text.withUTF8 { append(contentsOf: $0) }
    }

    /// Adds the UTF-8 of a text.
    mutating func append(text: StaticString) {
        text.withUTF8Buffer { append(contentsOf: $0) }
    }
}
