// Bytes as people can read and write them in a file. It must not know what the bytes mean.

/// Text with `\r`, `\n`, `\t`, `\0`, `\\` and `\xHH` for the bytes that cannot stand in a line.
package enum EscapedText {
    /// The bytes that a line stands for.
    package static func bytes(_ line: Substring) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = Array(line.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let kind = rest.popFirst() else {
                bytes.append(byte)
                continue
            }
            switch kind {
            case UInt8(ascii: "r"): bytes.append(13)
            case UInt8(ascii: "n"): bytes.append(10)
            case UInt8(ascii: "t"): bytes.append(9)
            case UInt8(ascii: "0"): bytes.append(0)
            case UInt8(ascii: "x"):
                let digits = String(decoding: rest.prefix(2), as: UTF8.self)
                rest = rest.dropFirst(2)
                bytes.append(UInt8(digits, radix: 16) ?? 0)
            default: bytes.append(kind)
            }
        }
        return bytes
    }
}
