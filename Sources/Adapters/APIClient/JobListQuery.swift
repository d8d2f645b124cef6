// Which jobs a client wants listed. It must not know how many there are.

/// The parameters of `GET /jobs`; what is `nil` is left to the server.
package struct JobListQuery: Hashable, Sendable {
    /// Jobs on the page; the server takes 1…500.
    package var limit: Int?
    /// Jobs passed over before the page.
    package var offset: Int?
    package var status: String?
    package var user: String?
    package var exchange: String?

    package init(
        limit: Int? = nil, offset: Int? = nil, status: String? = nil, user: String? = nil,
        exchange: String? = nil
    ) {
        self.limit = limit
        self.offset = offset
        self.status = status
        self.user = user
        self.exchange = exchange
    }

    /// The query part of the URL with its `?`; empty without any parameter.
    var text: String {
        let parameters: [(name: String, value: String?)] = [
            ("limit", limit.map(String.init)), ("offset", offset.map(String.init)),
            ("status", status), ("user", user), ("exchange", exchange),
        ]
        let parts = parameters.compactMap { name, value in
            value.map { "\(name)=\(JobListQuery.percentEncoded($0))" }
        }
        return parts.isEmpty ? "" : "?" + parts.joined(separator: "&")
    }

    /// All but the unreserved characters of RFC 3986 §2.3 as `%XX`.
    static func percentEncoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return result
    }
}
