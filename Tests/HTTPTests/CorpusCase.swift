// Reads the cases of Corpus/*.txt. It must not know how they are judged.

import Glibc
import Testing

/// A request in bytes, and the events that it should cause: see Corpus/README.md.
struct CorpusCase: Sendable, CustomTestStringConvertible {
    var title: String
    var bytes: [UInt8]
    var events: [String]

    var testDescription: String { title }

    /// The cases of all files, in the order of their names.
    static let all: [CorpusCase] = [
        "request-line", "targets", "headers", "framing", "chunked", "connection",
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
                    cases[last].bytes += unescaped(line)
                }
            }
        }
        return cases
    }

    /// The bytes that a line of a case stands for.
    private static func unescaped(_ line: Substring) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = Array(line.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let kind = rest.popFirst() else {
                bytes.append(byte)
                continue
            }
            switch kind {
            case UInt8(ascii: "r"): bytes.append(13)
            case UInt8(ascii: "n"): bytes.append(10)
            case UInt8(ascii: "t"): bytes.append(9)
            case UInt8(ascii: "0"): bytes.append(0)
            case UInt8(ascii: "x"):
                let digits = String(decoding: rest.prefix(2), as: UTF8.self)
                rest = rest.dropFirst(2)
                bytes.append(UInt8(digits, radix: 16) ?? 0)
            default: bytes.append(kind)
            }
        }
        return bytes
    }

    private static func contents(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 {
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
