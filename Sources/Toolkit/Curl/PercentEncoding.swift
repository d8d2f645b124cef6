// Text as a part of a URL, percent-encoded (RFC 3986 §2.1): what TransferRequest wants its URL to
// be made of. It must not know which part.

/// Percent-encodes text.
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
                encoded += byte < 16 ? "%0" : "%"
                encoded += String(byte, radix: 16, uppercase: true)
            }
        }
        return encoded
    }
}
