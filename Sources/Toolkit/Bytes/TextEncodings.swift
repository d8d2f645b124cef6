// The encodings of text and bytes that more than one module writes: hexadecimal digits,
// percent-encoding and HTML.

/// Bytes as hexadecimal digits.
package enum Hexadecimal {
    /// Two lower-case digits for each byte.
    package static func text(_ bytes: some Sequence<UInt8>) -> String {
        encode(bytes, digits: "0123456789abcdef")
    }

    fileprivate static func encode(
        _ bytes: some Sequence<UInt8>, digits: StaticString
    ) -> String {
        digits.withUTF8Buffer { digits in
            let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
            return String(decoding: text, as: UTF8.self)
        }
    }
}

/// Text as a part of a URL (RFC 3986 §2.1).
package enum PercentEncoding {
    /// The text as one path segment, or as a name or value of a query: everything but the
    /// unreserved characters of RFC 3986 §2.3 as `%XX`.
    package static func encode(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                encoded += "%" + Hexadecimal.encode([byte], digits: "0123456789ABCDEF")
            }
        }
        return encoded
    }
}

/// Text as a part of an HTML document.
package enum HTMLText {
    /// The text as content of an element, or as a value between double quotes.
    package static func escape(_ text: String) -> String {
        var escaped = ""
        // Scalar by scalar: `<` with a combining mark after it is another character, and still
        // begins a tag.
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
