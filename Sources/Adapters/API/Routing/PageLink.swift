// The link to the next page of a list (RFC 8288). It must not know what the list is of.

import HTTP

/// Writes Link fields.
enum PageLink {
    /// The field's value for a page of the same request that begins elsewhere: a reference relative
    /// to the request, so that it holds behind a proxy that has cut off the beginning of the path.
    ///
    /// - Parameters:
    ///   - request: whose other parameters are kept, in their order.
    ///   - cursor: where the page begins; letters and digits.
    static func next(of request: Request, cursor: String) -> String {
        var parts = request.queryItems.items.compactMap { name, value in
            ["cursor", "offset"].contains(name) ? nil : "\(encoded(name))=\(encoded(value))"
        }
        parts.append("cursor=\(cursor)")
        return "<?\(parts.joined(separator: "&"))>; rel=\"next\""
    }

    /// Everything but the unreserved characters percent-encoded (RFC 3986 §2.3), so that nothing
    /// in it can end the link.
    private static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"):
                bytes.append(byte)
            case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                bytes.append(byte)
            default:
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
