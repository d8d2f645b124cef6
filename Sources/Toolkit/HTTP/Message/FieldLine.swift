// One header or trailer line (RFC 9112 §5), and field names prepared for a search.

import Bytes

/// The grammar of `field-name ":" OWS field-value OWS`.
enum FieldLine {
    /// Reads a line, given without its CRLF; offsets in the result count from `base`.
    ///
    /// Whitespace before the colon and folded lines are what RFC 9112 §5.1 and §5.2 let a server
    /// refuse; proxies that read them differently are what request smuggling is made of. Neither a
    /// space nor a tab is a token character, so that both fail the check of the name.
    ///
    /// - Throws: 400.
    static func parse(
        _ bytes: Span<UInt8>, _ line: Range<Int>, base: Int
    ) throws(Rejection) -> Headers.Field {
        let token = ByteSet.token
        var index = line.lowerBound
        while index < line.upperBound, token.contains(bytes[index]) { index += 1 }
        let nameEnd = index
        guard nameEnd > line.lowerBound, index < line.upperBound, bytes[index] == Byte.colon else {
            throw .malformed("A field line has no valid name before its colon.")
        }
        index += 1
        while index < line.upperBound, bytes[index].isBlank { index += 1 }
        let valueStart = index
        guard !ByteScan.hasControl(in: bytes, valueStart..<line.upperBound) else {
            throw .malformed("A field value has a control character.")
        }
        var valueEnd = line.upperBound
        while valueEnd > valueStart, bytes[valueEnd - 1].isBlank { valueEnd -= 1 }
        return Headers.Field(
            nameStart: UInt32(line.lowerBound - base), nameEnd: UInt32(nameEnd - base),
            valueStart: UInt32(valueStart - base), valueEnd: UInt32(valueEnd - base))
    }
}

/// A field name (RFC 9110 §5.1): a token whose case does not matter.
package struct FieldName: Hashable, Sendable, ExpressibleByStringLiteral {
    /// As it was spelled.
    package let text: String
    let lowercased: [UInt8]

    package init(_ text: String) {
        self.text = text
        lowercased = text.utf8.map(\.lowercased)
    }

    package init(stringLiteral text: String) {
        self.init(text)
    }

    package static func == (left: FieldName, right: FieldName) -> Bool {
        left.lowercased == right.lowercased
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(lowercased)
    }
}
