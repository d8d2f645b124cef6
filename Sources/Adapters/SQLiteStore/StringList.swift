// Lists of strings as the predecessor stores them: JSON text as Python writes it.

import Bytes
import JSON

/// Reads and writes a JSON array of strings.
enum StringList {
    /// `["BTC-USDT", "ETH-USDT"]`: as Python's `json.dumps` writes it, everything outside ASCII
    /// escaped, so that equal lists are equal text.
    static func text(of elements: [String]) -> String {
        "[" + elements.map(quoted).joined(separator: ", ") + "]"
    }

    private static func quoted(_ element: String) -> String {
        let json = String(decoding: JSONCoding.encode(JSONValue.string(element)), as: UTF8.self)
        guard json.utf8.contains(where: { $0 > 0x7E }) else { return json }
        var text = ""
        for scalar in json.unicodeScalars {
            if scalar.value <= 0x7E {
                text.unicodeScalars.append(scalar)
            } else {
                for unit in String(scalar).utf16 {
                    text += "\\u" + Hexadecimal.text([UInt8(unit >> 8), UInt8(unit & 0xFF)])
                }
            }
        }
        return text
    }

    /// The elements of a JSON array; elements other than strings are returned as they are written.
    /// Text that is no JSON array is the only element; `null` and empty text give no element.
    static func elements(of text: String) -> [String] {
        switch value(of: text) {
        case .array(let elements)?: array(elements) ?? [text]
        case .string(let string)?: [string]
        case .null?: []
        default: text.isEmpty ? [] : [text]
        }
    }

    /// The value of JSON text, `nil` for any other text. Python writes and reads half a surrogate
    /// pair.
    private static func value(of text: String) -> JSONValue? {
        try? JSONReader.read(Array(text.utf8), repairsSurrogates: true)
    }

    /// The elements of an array of scalars, `nil` for any other array.
    private static func array(_ values: [JSONValue]) -> [String]? {
        var elements: [String] = []
        elements.reserveCapacity(values.count)
        for value in values {
            switch value {
            case .string(let text), .number(let text): elements.append(text)
            case .bool(let flag): elements.append(flag ? "true" : "false")
            case .null: elements.append("null")
            case .array, .object: return nil
            }
        }
        return elements
    }

    /// The first elements of a JSON array, and how many it has: as ``elements(of:)``, at the cost
    /// of one scan of the bytes.
    static func beginning(
        of text: UnsafeBufferPointer<UInt8>, atMost limit: Int
    ) -> (elements: [String], total: Int) {
        if text.count > shortBytesMax, let (end, total) = scan(text, elements: limit) {
            let bytes = UnsafeBufferPointer(rebasing: text[..<end])
            let beginning = String(decoding: bytes, as: UTF8.self)
            if let values = value(of: beginning + "]")?.elements, let elements = array(values) {
                return (elements, total)
            }
        }
        let all = elements(of: String(decoding: text, as: UTF8.self))
        return (Array(all.prefix(limit)), all.count)
    }

    /// Up to this length a list is read whole, which takes some microseconds.
    private static let shortBytesMax = 1_024

    /// Where the first elements of an array of scalars end, and how many it has; `nil` for anything
    /// else.
    private static func scan(
        _ text: UnsafeBufferPointer<UInt8>, elements limit: Int
    ) -> (end: Int, total: Int)? {
        guard text.first == UInt8(ascii: "["), text.last == UInt8(ascii: "]") else { return nil }
        var (end, commas, index) = (text.count - 1, 0, 1)
        while index < text.count - 1 {
            switch text[index] {
            case UInt8(ascii: "\""):
                index += 1
                while index < text.count - 1, text[index] != UInt8(ascii: "\"") {
                    index += text[index] == UInt8(ascii: "\\") ? 2 : 1
                }
            case UInt8(ascii: ","):
                commas += 1
                if commas == limit { end = index }
            case UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"): return nil
            default: break
            }
            index += 1
        }
        return (end, commas + 1)
    }
}
