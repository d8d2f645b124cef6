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

    @Test func `secrets never reach the descriptor`() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { close(ends[0]) }
        let sink = LogSink(descriptors: [ends[1]], secrets: ["hunter22", "TD.key"])
        sink.write(Array("token hunter22 and hunter22 with TD.key\n".utf8))
        sink.drain()
        close(ends[1])
        var bytes = [UInt8](repeating: 0, count: 200)
        let count = read(ends[0], &bytes, bytes.count)
        #expect(
            String(decoding: bytes[..<count], as: UTF8.self)
                == "token [secret] and [secret] with [secret]\n")
    }
}
