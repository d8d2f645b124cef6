// What must be right about a request before curl sees it: curl checks neither header values nor
// methods for line breaks (libcurl-security(3)). It must not touch the network.

/// Refuses requests that could not be sent as they stand.
enum RequestCheck {
    /// The parts of a sound request's URL.
    ///
    /// - Throws: ``CurlError/refused(_:)``, in words that repeat no value.
    static func target(of request: TransferRequest) throws(CurlError) -> TransferTarget {
        guard let target = TransferTarget(request.url) else {
            throw .refused("the URL is malformed")
        }
        guard request.schemes.contains(target.scheme) else {
            throw .refused("\(target.host): the scheme \(target.scheme) is not allowed")
        }
        guard request.addresses.allows(host: target.host) else {
            throw .forbiddenAddress("\(target.host) is not public")
        }
        guard isToken(request.method) else {
            throw .refused("\(target.host): the method is not a token")
        }
        for (name, value) in request.headers {
            guard isToken(name) else {
                throw .refused("\(target.host): a header name is not a token")
            }
            guard !value.utf8.contains(where: isControl) else {
                throw .refused("\(target.host): the header \(name) holds a control character")
            }
        }
        return target
    }

    /// RFC 9110 §5.6.2.
    static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy(isTokenByte)
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    /// All that RFC 9110 §5.5 keeps out of a field value, CR, LF and NUL first of all.
    private static func isControl(_ byte: UInt8) -> Bool {
        (byte < 0x20 && byte != UInt8(ascii: "\t")) || byte == 0x7f
    }
}
