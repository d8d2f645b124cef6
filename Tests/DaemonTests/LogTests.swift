// The log: how lines look, where they go, what they hide; and the times in them.

import Datasets
import Glibc
import HTTP
import Logging
import Posix
import Synchronization
import TestSupport
import Testing

@testable import Daemon
@testable import HTTPServer

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
        (
            LogFormat.text,
            "Z INFO access: served bytes=7 duration_us=0 method=GET peer=::1 request_id=r "
                + "status=200 target=\"/a b\"\n"
        ),
        (
            LogFormat.json,
            #"Z","level":"info","logger":"access","message":"served","bytes":7,"#
                + #""duration_us":0,"method":"GET","peer":"::1","request_id":"r","#
                + #""status":200,"target":"/a b"}"# + "\n"
        ),
    ])
    func `an access-log line looks like any other`(format: LogFormat, ending: String) throws {
        let text = try written { sink in
            var settings = Settings.Log()
            settings.format = format
            let log = try #require(AccessLog(settings, sink: sink))
            let exchange = Exchange(peer: "::1")
            exchange.begin(
                Request(method: .get, path: "/a b"), identifier: "r",
                at: Moment(nanoseconds: MonotonicClock.nanoseconds))
            exchange.status = 200
            exchange.bytesSent = 7
            exchange.served(wasCut: false)
            log.served(exchange)
            settings.level = .notice
            #expect(AccessLog(settings, sink: sink) == nil)
        }
        // How long it took is the clock's business.
        let timeless = text.replacing(/(duration_us"?[:=])[0-9]+/) { "\($0.output.1)0" }
        #expect(timeless.hasSuffix(ending), "\(text)")
    }

    @Test func `lines that may wait are written all the same, in order`() async throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        try #require(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0)
        defer { for end in ends { close(end) } }
        let sink = LogSink(outputs: [LogOutput(ends[1])], secrets: [])
        for number in 0..<3 { sink.write(Array("\(number)\n".utf8), mayWait: true) }
        sink.write(Array("now\n".utf8))
        sink.write(Array("last\n".utf8), mayWait: true)
        var text = ""
        let reader = ends[0]
        let isComplete = await eventually {
            var bytes = [UInt8](repeating: 0, count: 200)
            let count = read(reader, &bytes, bytes.count)
            if count > 0 { text += String(decoding: bytes[..<count], as: UTF8.self) }
            return text == "0\n1\n2\nnow\nlast\n"
        }
        #expect(isComplete, "\(text)")
    }

    @Test func `however many buffers are written, one timer at a time empties them`() throws {
        let timers = Mutex<[@Sendable () -> Void]>([])
        let sink = LogSink(outputs: [], secrets: []) { _, fire in
            timers.withLock { $0.append(fire) }
        }
        let buffers = (0..<3).map { _ in sink.makeBuffer() }
        for round in 0..<5 {
            for buffer in buffers + buffers {
                Array("\(round)\n".utf8).withUnsafeBufferPointer { buffer.write($0, mayWait: true) }
            }
            let set = timers.withLock { timers in
                defer { timers = [] }
                return timers
            }
            try #require(set.count == 1, "round \(round)")
            set[0]()
            #expect(buffers.allSatisfy { $0.take().isEmpty })
        }
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
        try written(hiding: secrets) { $0.write(Array("\(line)\n".utf8)) }
    }

    /// What a sink writes for whatever it is given.
    private func written(
        hiding secrets: [String] = [], _ body: (LogSink) throws -> Void
    ) throws -> String {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { close(ends[0]) }
        let sink = LogSink(outputs: [LogOutput(ends[1])], secrets: secrets)
        try body(sink)
        sink.drain()
        close(ends[1])
        var bytes = [UInt8](repeating: 0, count: 1000)
        let count = read(ends[0], &bytes, bytes.count)
        return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
    }
}

@Suite struct TimeOfDayTests {
    @Test func `moments between two readings of the clock have times of their own`() {
        var timeOfDay = TimeOfDay(SystemTime())
        let start = Moment(nanoseconds: MonotonicClock.nanoseconds)
        let first = timeOfDay.at(start)
        #expect(abs(first.microseconds - SystemTime().now.microseconds) < 10_000_000)
        for step in [0, 1_000, 999_999, 50_000_000, 99_999_000] as [Int64] {
            let time = timeOfDay.at(Moment(nanoseconds: start.nanoseconds + step))
            #expect(time.microseconds - first.microseconds == step / 1_000)
        }
        // A moment that lies an hour ahead is not believed: the clock is.
        let ahead = timeOfDay.at(Moment(nanoseconds: start.nanoseconds + 3_600_000_000_000))
        #expect(abs(ahead.microseconds - SystemTime().now.microseconds) < 10_000_000)
        let before = timeOfDay.at(Moment(nanoseconds: start.nanoseconds - 1))
        #expect(abs(before.microseconds - SystemTime().now.microseconds) < 10_000_000)
    }
}
