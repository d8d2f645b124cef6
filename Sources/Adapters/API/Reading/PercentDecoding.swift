// Percent-encoding (RFC 3986 §2.1), undone once. It must not know what the text is for.

/// Undoes percent-encoding.
enum PercentDecoding {
    /// The text that a part of a path or query stands for: `%XX` is a byte, a `%` without two
    /// digits is itself, and what is not UTF-8 becomes U+FFFD.
    static func decode(_ text: some StringProtocol, plusIsSpace: Bool = false) -> String {
        let encoded = Array(text.utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(encoded.count)
        var place = 0
        while place < encoded.count {
            let byte = encoded[place]
            if byte == UInt8(ascii: "%"), place + 2 < encoded.count,
                let high = digit(encoded[place + 1]), let low = digit(encoded[place + 2])
            {
                bytes.append(high << 4 | low)
                place += 3
            } else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
                place += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        Character(Unicode.Scalar(byte)).hexDigitValue.map(UInt8.init)
    }
}
