// The collection of header lines.

import Testing

@testable import Curl

struct HeadCollectorTests {
    private func heads(of lines: [String]) -> [ResponseHead] {
        var collector = HeadCollector()
        return lines.compactMap { line in
            Array((line + "\r\n").utf8).withUnsafeBytes { collector.take(line: $0) }
        }
    }

    @Test func `reads status and fields, in order and trimmed`() {
        let heads = heads(of: ["HTTP/1.1 206", "A:1", "b: \t two words \t", "A: 3", "Empty:", ""])
        #expect(heads.count == 1)
        #expect(heads[0].status == 206)
        #expect(heads[0].headers.map(\.name) == ["A", "b", "A", "Empty"])
        #expect(heads[0].headers.map(\.value) == ["1", "two words", "3", ""])
        #expect(heads[0]["a"] == "1")
    }

    @Test func `joins a folded line to the one before`() {
        let heads = heads(of: ["HTTP/1.1 200 OK", "A: one", " \t two", "B:", "\tthree", ""])
        #expect(heads[0].headers.map(\.value) == ["one two", "three"])
    }

    @Test func `forgets interim heads`() {
        let heads = heads(of: ["HTTP/1.1 100 Continue", "A: 1", "", "HTTP/1.1 404 No", "B: 2", ""])
        #expect(heads.map(\.status) == [404])
        #expect(heads[0].headers.map(\.name) == ["B"])
    }

    @Test func `ignores lines that are no fields`() {
        let heads = heads(of: [" lost", "HTTP/1.1 200 OK", " fold without a field", "no colon", ""])
        #expect(heads.map(\.status) == [200])
        #expect(heads[0].headers.isEmpty)
    }
}
