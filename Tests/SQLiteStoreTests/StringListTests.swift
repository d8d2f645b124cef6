// Lists of texts as the predecessor wrote them.

import Testing

@testable import SQLiteStore

@Suite struct StringListTests {
    @Test(arguments: [
        ([], "[]"),
        (["BTC-USDT"], #"["BTC-USDT"]"#),
        (["trades", "quotes"], #"["trades", "quotes"]"#),
        ([#"a"b\c/"#], #"["a\"b\\c/"]"#),
        (["\n\r\t\u{8}\u{c}\u{0}\u{1f}\u{7f}"], #"["\n\r\t\b\f\u0000\u001f\u007f"]"#),
        (["ünï", "😀"], #"["\u00fcn\u00ef", "\ud83d\ude00"]"#),
    ])
    func `lists are written as Python writes them, and read back`(list: [String], text: String) {
        #expect(StringList.text(of: list) == text)
        #expect(StringList.elements(of: text) == list)
    }

    @Test(arguments: [
        (#"["trades","quotes"]"#, ["trades", "quotes"]),
        (" [ \"a\" ,\n\"b\" ] ", ["a", "b"]),
        (#"["ünï 😀 \/"]"#, ["ünï 😀 /"]),
        ("[1, -2.5e3, true, null]", ["1", "-2.5e3", "true", "null"]),
        (#""BTC-USDT""#, ["BTC-USDT"]),
        ("null", []), ("", []), ("[]", []), (" [ ] ", []),
    ])
    func `what others wrote is understood`(text: String, list: [String]) {
        #expect(StringList.elements(of: text) == list)
    }

    @Test(arguments: [
        "BTC-USDT", "BTC-USDT,ETH-USDT", "[", "]", "[\"a\"", "[\"a\",]", "[,]", "[\"a\" \"b\"]",
        "[\"a\"] x", #"["\x"]"#, #"["\u12"]"#, #"["\u12"#, "[\"a", "{\"a\": 1}", "[[\"a\"]]", "\"",
    ])
    func `what is no list is one element`(text: String) {
        #expect(StringList.elements(of: text) == [text])
    }

    @Test func `the beginning of a long list is the beginning of the list`() {
        let odd = ["a\\", "\"", ",", "[x]", "ü\n", "\",\"", "{"]
        let names = (0..<3_000).map { odd[$0 % odd.count] + "\($0)" }
        for count in [0, 1, 2, 19, 20, 21, 150, 3_000] {
            let list = Array(names.prefix(count))
            let texts = [StringList.text(of: list), "\(list)", " " + StringList.text(of: list)]
            for text in texts where StringList.elements(of: text) == list {
                let beginning = Array(text.utf8).withUnsafeBufferPointer {
                    StringList.beginning(of: $0, atMost: 20)
                }
                #expect(beginning.elements == Array(list.prefix(20)))
                #expect(beginning.total == count)
            }
        }
        let words = "[" + (0..<999).map(String.init).joined(separator: ", ") + "]"
        let broken = words + "]"
        for text in [words, broken, String(repeating: " ", count: 2_000), "[" + broken] {
            let all = StringList.elements(of: text)
            let beginning = Array(text.utf8).withUnsafeBufferPointer {
                StringList.beginning(of: $0, atMost: 20)
            }
            #expect(beginning.elements == Array(all.prefix(20)), "\(text.prefix(30))")
            #expect(beginning.total == all.count)
        }
    }

    @Test func `half a surrogate pair is no crash`() {
        #expect(StringList.elements(of: #"["\ud83d"]"#) == ["\u{FFFD}"])
    }
}
