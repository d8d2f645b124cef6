// The inputs that fuzzing kept, and the cases of the parser's own corpus, judged again in every
// test run.

import FoundationEssentials
import TestSupport
import Testing

@Suite struct ReplayTests {
    /// One input a line, escaped.
    static let lines = ReplayTests.text("Fuzz/corpus.txt").split(separator: "\n").filter {
        !$0.hasPrefix("#")
    }

    @Test func `holds what fuzzing has kept`() {
        #expect(ReplayTests.lines.count > 100)
        for line in ReplayTests.lines {
            #expect(ParserRules.violations(EscapedText.bytes(line)) == [], "\(line)")
        }
    }

    private static func text(_ path: String) -> String {
        let data = FileManager.default.contents(atPath: "\(ProjectFolder.root)/Tests/\(path)")
        return String(decoding: data ?? Data(), as: UTF8.self)
    }
}
