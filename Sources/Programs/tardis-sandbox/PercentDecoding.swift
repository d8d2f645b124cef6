// Percent-encoded text (RFC 3986 §2.1). It must not know paths or forms.

extension StringProtocol {
    /// The text with `%XX` resolved; `nil` where an escape is broken or the bytes are no UTF-8.
    ///
    /// - Parameter plusIsSpace: as in `application/x-www-form-urlencoded`.
    func percentDecoded(plusIsSpace: Bool = false) -> String? {
        var bytes: [UInt8] = []
        var rest = Substring(self).utf8
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard rest.count >= 2,
                    let value = UInt8(String(Substring(rest.prefix(2))), radix: 16)
                else { return nil }
                bytes.append(value)
                rest = rest.dropFirst(2)
            case UInt8(ascii: "+") where plusIsSpace:
                bytes.append(UInt8(ascii: " "))
            default:
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
