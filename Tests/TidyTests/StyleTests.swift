// What a reviewer would otherwise repeat: sizes, headers, escape hatches, leftovers.

import Testing

@Suite struct StyleTests {
    static let all = SourceTree.sources + SourceTree.tests

    @Test(arguments: all) func `a file is at most 300 lines`(file: SourceFile) {
        #expect(file.lines.count <= 301, "\(file.path) has \(file.lines.count) lines")
    }

    @Test func `at most a tenth of the files of Sources have fewer than 40 lines`() {
        // The text behind the last newline counts as a line, too.
        let short = SourceTree.sources.filter { $0.lines.count <= 40 }
        #expect(short.count * 10 <= SourceTree.sources.count, "\(short.map(\.path))")
    }

    @Test(arguments: SourceTree.sources)
    func `comments and texts use the words of the field`(file: SourceFile) {
        // Joined, since a phrase may continue on the next line.
        let text = file.lines.map { $0.trimmingPrefix(while: { $0 == " " || $0 == "/" }) }
            .joined(separator: " ").lowercased()
        let words = Set(text.split { !$0.isLetter && $0 != "_" })
        for word: Substring in ["whoever", "nobody", "somebody", "anybody", "whatever"] {
            #expect(!words.contains(word), "\(file.path) says “\(word)”")
        }
        #expect(!text.contains("must not know"), "\(file.path) says “must not know”")
    }

    @Test(arguments: all)
    func `a line of code or comment is at most 100 columns`(file: SourceFile) {
        // Text for people and protocol text may be longer than a line: breaking it would hide it.
        var isText = false
        for (index, line) in file.lines.enumerated() {
            if line.contains(#"""#) {
                if line.ranges(of: #"""""#).count % 2 == 1 { isText.toggle() }
            } else if !isText {
                #expect(line.count <= 100, "\(file.path):\(index + 1)")
            }
        }
    }

    @Test(arguments: SourceTree.sources) func `a file begins by saying what it is`(file: SourceFile)
    {
        #expect(file.lines.first?.hasPrefix("// ") == true, "\(file.path)")
    }

    @Test(arguments: SourceTree.sources) func `a function is at most 60 lines`(file: SourceFile) {
        var start: (line: Int, indent: Int)?
        for (index, line) in file.lines.enumerated() {
            let code = line.drop { $0 == " " }
            let indent = line.count - code.count
            guard !code.isEmpty, !code.hasPrefix("//") else { continue }
            if let open = start, indent <= open.indent, code.hasPrefix("}") {
                #expect(index - open.line < 60, "\(file.path):\(open.line + 1)")
                start = nil
            } else if code.contains("func ") || code.hasPrefix("init(") || code.contains(" init(") {
                // A requirement of a protocol has no end of its own; the next declaration shows it.
                if start == nil || indent <= start!.indent { start = (index, indent) }
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

    @Test(arguments: SourceTree.sources)
    func `every trap says why no event from outside can reach it`(file: SourceFile) {
        let traps = /\b(precondition|preconditionFailure|fatalError|assert|assertionFailure)\(/
        for (index, line) in file.lines.enumerated() {
            let code = line.trimmingPrefix(while: { $0 == " " })
            guard !code.hasPrefix("//"), code.contains(traps) else { continue }
            // Its message, on this line or the next two, or a comment above.
            let call = file.lines[index..<min(index + 4, file.lines.count)]
            let comment = index > 0 && file.lines[index - 1].contains("//")
            #expect(
                comment || call.contains { $0.contains("\"") }, "\(file.path):\(index + 1)")
        }
    }

    @Test(arguments: all) func `no child process is left an open file`(file: SourceFile) {
        // What one has open takes room on its disk, also when everybody else has removed it. The
        // mode has an "e" for O_CLOEXEC.
        for (index, line) in file.lines.enumerated() where line.contains("fopen" + "(") {
            let modes = line.matches(of: /"[rwa]\+?(e?)"/)
            #expect(
                !modes.isEmpty && modes.allSatisfy { $0.1 == "e" }, "\(file.path):\(index + 1)")
        }
    }

    @Test(arguments: all) func `nothing is left for later`(file: SourceFile) {
        let marks = ["TO" + "DO", "FIX" + "ME", "XX" + "X:", "HA" + "CK"]
        for (index, line) in file.lines.enumerated() {
            #expect(!marks.contains { line.contains($0) }, "\(file.path):\(index + 1)")
        }
    }

    @Test(arguments: SourceTree.tests)
    func `tests wait on conditions, not on time`(file: SourceFile) {
        // TestSupport holds the one way to wait; a real clock for tests has to sleep for real. The
        // stand-in upstream is a program that is slow on request.
        let calls = ["Task." + "sleep(", "us" + "leep(", "nano" + "sleep("]
        for (index, line) in file.lines.enumerated()
        where !file.path.hasPrefix("Tests/TestSupport/") && !file.path.hasPrefix("Tests/Sandbox/") {
            let isClock = index > 0 && file.lines[index - 1].contains("func sleep(for")
            #expect(isClock || !calls.contains { line.contains($0) }, "\(file.path):\(index + 1)")
        }
    }
}
