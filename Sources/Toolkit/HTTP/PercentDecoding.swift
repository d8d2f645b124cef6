// Percent-encoding (RFC 3986 §2.1), undone once. It must not know what the text is for.

/// Undoes percent-encoding.
package enum PercentDecoding {
    /// The text that a part of a path, query or form stands for, as the WHATWG URL standard
    /// decodes it: `%XX` is a byte, a `%` without two digits is itself, and what is not UTF-8
    /// becomes U+FFFD.
    ///
    /// - Parameter plusIsSpace: as in queries and forms.
    package static func decode(_ text: some StringProtocol, plusIsSpace: Bool = false) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var rest = Substring(text).utf8
        while let byte = rest.popFirst() {
            if byte == Byte.percent, let high = rest.first?.hexValue,
                let low = rest.dropFirst().first?.hexValue
            {
                bytes.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? Byte.space : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
