// What a reviewer would otherwise repeat: sizes, headers, escape hatches, leftovers.

import Testing

@Suite struct StyleTests {
    static let all = SourceTree.sources + SourceTree.tests

    @Test(arguments: all) func `a file is at most 300 lines of at most 100 columns`(
        file: SourceFile
    ) {
        #expect(file.lines.count <= 301, "\(file.path) has \(file.lines.count) lines")
        for (index, line) in file.lines.enumerated() {
            #expect(line.count <= 100, "\(file.path):\(index + 1)")
        }
    }

    @Test(arguments: SourceTree.sources) func `a file begins by saying what it is`(file: SourceFile)
    {
        #expect(file.lines.first?.hasPrefix("// ") == true, "\(file.path)")
    }

    @Test(arguments: SourceTree.sources) func `a function is at most 60 lines`(file: SourceFile) {
        var start: (line: Int, indent: Int)?
        for (index, line) in file.lines.enumerated() {
            let indent = line.prefix { $0 == " " }.count
            if let open = start, line.hasPrefix(String(repeating: " ", count: open.indent) + "}"),
                indent == open.indent
            {
                #expect(index - open.line < 60, "\(file.path):\(open.line + 1)")
                start = nil
            } else if start == nil, line.contains("func ") || line.contains(" init("),
                !line.trimmingPrefix(while: { $0 == " " }).hasPrefix("//")
            {
                start = (index, indent)
            }
        }
    }

    @Test func `escape hatches are few, and each gives its reason on the line above`() {
        let hatches = ["@unchecked Sendable", "nonisolated(unsafe)", "try!", "as!"]
        var count = 0
        for file in SourceTree.sources {
            for (index, line) in file.lines.enumerated() {
                let code = line.trimmingPrefix(while: { $0 == " " })
                guard !code.hasPrefix("//"), hatches.contains(where: { code.contains($0) }) else {
                    continue
                }
                count += 1
                let above = file.lines[max(0, index - 3)..<index]
                #expect(
                    above.contains { $0.contains("//") }, "\(file.path):\(index + 1) has no reason")
            }
        }
        #expect(count <= 15)
    }

    @Test(arguments: all) func `nothing is left for later`(file: SourceFile) {
        let marks = ["TO" + "DO", "FIX" + "ME", "XX" + "X:", "HA" + "CK"]
        for (index, line) in file.lines.enumerated() {
            #expect(!marks.contains { line.contains($0) }, "\(file.path):\(index + 1)")
        }
    }

    @Test(arguments: SourceTree.tests) func `tests wait on conditions, not on time`(
        file: SourceFile
    ) {
        let calls = ["Task." + "sleep(", "us" + "leep(", " sl" + "eep(", "nano" + "sleep("]
        for (index, line) in file.lines.enumerated()
        where !file.path.hasPrefix("Tests/TestSupport/") {
            #expect(!calls.contains { line.contains($0) }, "\(file.path):\(index + 1)")
        }
    }
}
