import Datasets
import Glibc
import Logging
import Testing

@testable import Daemon

@Suite struct LogTests {
    private let moment = Timestamp("2026-11-23T10:20:30.123456Z")!

    private func line(_ format: LogFormat, _ message: String, _ metadata: Logger.Metadata) -> String
    {
        String(
            decoding: format.line(
                at: moment, level: .info, label: "test", message: message, metadata: metadata),
            as: UTF8.self)
    }

    @Test func `a text line is one line whatever a peer sends`() {
        let line = line(
            .text, "served\n2026 forged", ["target": "/a b\r\n\u{2028}\u{202E}\u{1B}[2J"])
        #expect(
            line == "2026-11-23T10:20:30.123456Z INFO test: served\\n2026 forged "
                + "target=\"/a b\\r\\n\\u2028\\u202e\\u001b[2J\"\n")
    }

    @Test func `a JSON line keeps numbers as numbers and escapes the rest`() {
        let line = line(
            .json, "say \"hi\"", ["status": .stringConvertible(200), "user": "a\\b\u{7F}"])
        #expect(
            line == #"{"at":"2026-11-23T10:20:30.123456Z","level":"info","logger":"test","#
                + #""message":"say \"hi\"","status":200,"user":"a\\b\u007f"}"# + "\n")
    }

    @Test(arguments: [
        (["hunter22", "TD.key"], "token hunter22 and hunter22 with TD.key"),
        (["secret"], "token secret and secret with secret"),
        (["cret"], "token cret and cret with cret"),
        (["abcd", "xxabcdxx"], "token xxabcdxx and abcd with xxabcdxx"),
    ])
    func `secrets never reach the descriptor, whatever they look like`(
        secrets: [String], line: String
    ) throws {
        #expect(
            try written(line, hiding: secrets) == "token [secret] and [secret] with [secret]\n")
    }

    @Test(arguments: LogFormat.allCases)
    func `a secret is found in the escaped form that a line gives it`(format: LogFormat) throws {
        let secret = #"a"b\c"#
        let fields: Logger.Metadata = ["bare": "\(secret)", "quoted": "has \(secret) and blanks"]
        let line = line(format, "say \(secret)", fields).dropLast()
        let text = try written(String(line), hiding: [secret])
        #expect(text.split(separator: "[secret]").count == 4, "\(text)")
    }

    /// What a sink writes for a line.
    private func written(_ line: String, hiding secrets: [String]) throws -> String {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { close(ends[0]) }
        let sink = LogSink(descriptors: [ends[1]], secrets: secrets)
        sink.write(Array("\(line)\n".utf8))
        sink.drain()
        close(ends[1])
        var bytes = [UInt8](repeating: 0, count: 500)
        let count = read(ends[0], &bytes, bytes.count)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
