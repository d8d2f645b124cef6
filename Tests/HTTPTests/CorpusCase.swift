// Reads the cases of Corpus/*.txt.

import Glibc
import TestSupport
import Testing

/// A request in bytes, and the events that it should cause: see Corpus/README.md.
struct CorpusCase: Sendable, CustomTestStringConvertible {
    var title: String
    var bytes: [UInt8]
    var events: [String]

    var testDescription: String { title }

    /// The cases of all files, in the order of their names.
    static let all: [CorpusCase] = [
        "request-line", "targets", "hosts", "headers", "framing", "chunked", "connection",
    ].flatMap(cases)

    private static func cases(of file: String) -> [CorpusCase] {
        let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        let path = "/\(folder)/Corpus/\(file).txt"
        guard let text = contents(path) else {
            preconditionFailure("\(path) belongs to the tests")
        }
        var cases: [CorpusCase] = []
        var isInEvents = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("=== ") {
                cases.append(
                    CorpusCase(title: "\(file): \(line.dropFirst(4))", bytes: [], events: []))
                isInEvents = false
            } else if line == "---" {
                isInEvents = true
            } else if let last = cases.indices.last {
                if isInEvents {
                    if !line.isEmpty { cases[last].events.append(String(line)) }
                } else {
                    cases[last].bytes += EscapedText.bytes(line)
                }
            }
        }
        return cases
    }

    private static func contents(_ path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 {
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
