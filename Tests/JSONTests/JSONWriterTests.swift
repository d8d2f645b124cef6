// Values to bytes: order, numbers and escapes.

import JSON
import Testing

@Suite struct JSONWriterTests {
    private func text(_ value: JSONValue) -> String {
        String(decoding: JSONCoding.encode(value), as: UTF8.self)
    }

    @Test func `keeps the order of members and the spelling of numbers`() {
        let value: JSONValue = [
            "z": 1, "a": [.number("1e400"), .number("0.10"), true, nil], "m": [:],
        ]
        #expect(text(value) == #"{"z":1,"a":[1e400,0.10,true,null],"m":{}}"#)
    }

    @Test(arguments: [
        ("plain", #""plain""#), ("a\"b\\c/", #""a\"b\\c/""#),
        ("\u{8}\t\n\u{C}\r", #""\b\t\n\f\r""#),
        ("\0\u{1F}", #""\u0000\u001f""#), ("\u{7F}é😀\u{2028}", "\"\u{7F}é😀\u{2028}\""),
        ("", #""""#),
    ])
    func `escapes what RFC 8259 demands and nothing else`(plain: String, written: String) {
        #expect(text(.string(plain)) == written)
    }

    @Test func `replaces, appends and removes members`() {
        var value: JSONValue = ["a": 1, "b": 2]
        value["a"] = 3
        value["c"] = "x"
        value["b"] = nil
        #expect(text(value) == #"{"a":3,"c":"x"}"#)
    }
}
