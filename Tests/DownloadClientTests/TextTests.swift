// Amounts, times, bars, tables and hostile text as strings.

import Testing

@testable import download_client

@Suite struct TextTests {
    @Test(arguments: [
        (-5 as Int64, "0 B"), (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (1049, "1.0 kB"),
        (1050, "1.1 kB"), (999_949, "999.9 kB"), (999_950, "1.0 MB"), (38_400_000, "38.4 MB"),
        (1_234_567_890, "1.2 GB"), (5_000_000_000_000, "5.0 TB"), (.max, "9223.4 PB"),
    ])
    func `bytes have one decimal place and never four digits before it`(
        bytes: Int64, text: String
    ) {
        #expect(ByteText.of(bytes) == text)
    }

    @Test(arguments: [
        (0.0, "0 B/s"), (-1, "0 B/s"), (.nan, "0 B/s"), (4_100_000, "4.1 MB/s"),
        (.infinity, "0 B/s"), (1e300, "1.0 PB/s"),
    ])
    func `speeds survive any number`(bytes: Double, text: String) {
        #expect(ByteText.perSecond(bytes) == text)
    }

    @Test(arguments: [
        (-1, "0 s"), (42, "42 s"), (60, "1 min 00 s"), (185, "3 min 05 s"), (7620, "2 h 07 min"),
        (97_200, "1 d 03 h"),
    ])
    func `durations have their two largest units`(seconds: Int, text: String) {
        #expect(DurationText.of(seconds: seconds) == text)
    }

    @Test func `a bar is full at the end and never before`() {
        #expect(ProgressBar.of(done: 0, failed: 0, total: 10, columns: 5) == "░░░░░")
        #expect(ProgressBar.of(done: 999, failed: 0, total: 1000, columns: 5) == "████░")
        #expect(ProgressBar.of(done: 10, failed: 0, total: 10, columns: 5) == "█████")
        #expect(ProgressBar.of(done: 99_999, failed: 1, total: 100_000, columns: 5) == "████▒")
        #expect(ProgressBar.of(done: 0, failed: 10, total: 10, columns: 5) == "▒▒▒▒▒")
        #expect(ProgressBar.of(done: 3, failed: 0, total: 0, columns: 5) == "░░░░░")
    }

    @Test func `a bar has its width for any counters`() {
        for done in [-7, 0, 3, 11, .max / 100] {
            for failed in [-7, 0, 3, 11] {
                #expect(
                    ProgressBar.of(done: done, failed: failed, total: 10, columns: 8).count == 8)
            }
        }
    }

    @Test func `control characters become visible`() {
        #expect(TerminalSafeText.line("a\u{1B}[2Jb") == "a\\u{1B}[2Jb")
        #expect(
            TerminalSafeText.line("a\r\n\tb\u{7F}\u{9B}31m")
                == "a\\u{D}\\u{A}\\u{9}b\\u{7F}\\u{9B}31m")
        #expect(TerminalSafeText.line("abc\u{202E}def\u{2066}") == "abc\\u{202E}def\\u{2066}")
        #expect(TerminalSafeText.line("a\u{2028}b\u{E000}") == "a\\u{2028}b\\u{E000}")
    }

    @Test(arguments: ["plain", "BTC-USDT … “quoted” ✅", "日本語", "é e\u{301}", "👩‍💻 ⚠️", ""])
    func `harmless text stays as it is`(text: String) {
        #expect(TerminalSafeText.line(text) == text)
    }

    @Test func `a paragraph keeps its lines, indented`() {
        #expect(TerminalSafeText.paragraph("a\nb\u{7}\n\nc") == "a\n  b\\u{7}\n  c")
    }

    @Test func `widths count columns, not characters`() {
        #expect(DisplayWidth.of("abc") == 3)
        #expect(DisplayWidth.of("✅ a") == 4)
        #expect(DisplayWidth.of("日本") == 4)
        #expect(DisplayWidth.of("█▒░") == 3)
        #expect(DisplayWidth.truncated("abcdef", to: 4) == "abc…")
        #expect(DisplayWidth.truncated("日本語", to: 4) == "日…")
        #expect(DisplayWidth.truncated("abc", to: 3) == "abc")
        #expect(DisplayWidth.truncated("abc", to: 0) == "")
    }

    @Test func `a table aligns its columns and leaves no blanks behind`() {
        let table = TextTable<[String]>([
            .init("N", .right, rank: 3) { $0[0] }, .init("NAME", rank: 2) { $0[1] },
            .init("X", rank: 1) { $0[2] },
        ])
        #expect(
            table.lines([["1", "✅ a", ""], ["22", "b", "y"]], fitting: nil) == [
                " N  NAME  X",
                " 1  ✅ a",
                "22  b     y",
            ])
    }
}
