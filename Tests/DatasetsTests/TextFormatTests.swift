// How names and numbers stand in sentences.

import Testing

@testable import Datasets

struct TextFormatTests {
    @Test(arguments: [
        (0, "0"), (999, "999"), (1_000, "1,000"), (12_345, "12,345"), (123_456, "123,456"),
        (1_234_567, "1,234,567"), (-1_000, "-1,000"),
    ])
    func `groups digits`(number: Int, text: String) {
        #expect(TextFormat.grouped(number) == text)
    }

    @Test func `joins names`() {
        #expect(TextFormat.alternatives([]) == "")
        #expect(TextFormat.alternatives(["a"]) == "a")
        #expect(TextFormat.alternatives(["a", "b"]) == "a or b")
        #expect(TextFormat.alternatives(["a", "b", "c"]) == "a, b or c")
        #expect(TextFormat.listed(["a", "b", "c"], atMost: 2) == "a, b (and 1 more)")
        #expect(TextFormat.counted(1, "file") == "1 file")
        #expect(TextFormat.counted(2_000, "file") == "2,000 files")
    }

    @Test func `shortens`() {
        #expect(TextFormat.shortened("abc", to: 3) == "abc")
        #expect(TextFormat.shortened("abcd", to: 3) == "ab…")
        #expect(TextFormat.quoted("a\r\nb\u{0}c") == "'a b c'")
        let long = String(repeating: "e\u{301}", count: 100_000)
        #expect(TextFormat.quoted(long) == "'\(long.prefix(63))…'")
        let accents = "e" + String(repeating: "\u{301}", count: 100_000)
        #expect(TextFormat.quoted(accents) == "'e\(String(repeating: "\u{301}", count: 511))…'")
    }

    @Test(arguments: [
        (0, "0 bytes"), (1_023, "1023 bytes"), (1_024, "1 KiB"), (1_600, "1.5 KiB"),
        (536_870_912, "512 MiB"), (1_073_741_823, "1023 MiB"), (1 << 30, "1 GiB"),
        (Int64.max, "8388607 TiB"), (-5, "0 bytes"),
    ])
    func `bytes have the largest unit below them`(count: Int64, words: String) {
        #expect(TextFormat.bytes(count) == words)
    }
}
