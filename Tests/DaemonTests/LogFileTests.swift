// The log's bounds: a file by size and number, an output that takes nothing, a flood of refusals.

import Dispatch
import Glibc
import HTTP
import Posix
import TestSupport
import Testing

@testable import Daemon
@testable import HTTPServer

@Suite struct LogFileTests {
    private let folder = TemporaryFolder()

    private var path: String { folder.path("service.log") }

    private func text(_ name: String) -> String {
        readFile(folder.path(name)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    private func lines(_ numbers: Range<Int>) -> [UInt8] {
        numbers.flatMap { Array("line \(1_000 + $0)\n".utf8) }
    }

    @Test(arguments: [1, 7, 100]) func `a full file is moved away, and so many stay`(
        batch: Int
    ) throws {
        // Ten bytes a line.
        let file = try LogFile(path, bytesMax: 100, keep: 2)
        for start in stride(from: 0, to: 100, by: batch) {
            file.write(lines(start..<min(100, start + batch)))
        }
        let names = ["service.log.2", "service.log.1", "service.log"]
        #expect(Set(folder.names().filter { $0.hasPrefix("service") }) == Set(names))
        for name in names { #expect((1...100).contains(text(name).utf8.count), "\(name)") }
        let kept = names.map { text($0) }.joined().split(separator: "\n")
        #expect(kept.count >= 21)
        #expect(kept.last == "line 1099")
        #expect(kept.allSatisfy { $0.utf8.count == 9 }, "a line was cut")
    }

    @Test func `a file that is kept alone is emptied, and one without a bound grows`() throws {
        let alone = try LogFile(path, bytesMax: 100, keep: 0)
        alone.write(lines(0..<25))
        #expect(text("service.log") == String(decoding: lines(20..<25), as: UTF8.self))
        #expect(folder.names().filter { $0.hasPrefix("service") } == ["service.log"])
        let endless = try LogFile(folder.path("endless.log"), bytesMax: 0, keep: 1)
        endless.write(lines(0..<1_000))
        #expect(text("endless.log").utf8.count == 10_000)
    }

    @Test func `a file that was full at the start is moved away, and one line may be longer`()
        throws
    {
        writeFile(lines(0..<10), to: path)
        let file = try LogFile(path, bytesMax: 100, keep: 1)
        let long = [UInt8](repeating: 0x61, count: 150) + [0x0A]
        file.write(long + lines(10..<11))
        #expect(text("service.log") == "line 1010\n")
        #expect(text("service.log.1").utf8.count == 151)
    }

    @Test func `logrotate may move the file, with a word about it or without, or cut it`() throws {
        let file = try LogFile(path, bytesMax: 100, keep: 3)
        file.write(lines(0..<1))
        try #require(rename(path, folder.path("moved")) == 0)
        file.write(lines(1..<2))
        file.reopen()
        file.write(lines(2..<3))
        #expect(text("moved") == String(decoding: lines(0..<2), as: UTF8.self))
        #expect(text("service.log") == String(decoding: lines(2..<3), as: UTF8.self))
        try #require(rename(path, folder.path("again")) == 0)
        file.write(lines(3..<13))
        // What was moved once is not moved a second time.
        #expect(text("again").utf8.count <= 100)
        #expect(!folder.names().contains("service.log.1"))
        #expect(text("service.log").hasSuffix("line 1012\n"))
        file.write(lines(13..<20))
        try #require(truncate(path, 0) == 0)
        file.write(lines(20..<25))
        #expect(text("service.log") == String(decoding: lines(20..<25), as: UTF8.self))
    }

    @Test func `a file that cannot be moved is emptied, and says so`() throws {
        try #require(mkdir(path + ".1", 0o755) == 0)
        writeFile([], to: path + ".1/x")
        let file = try LogFile(path, bytesMax: 200, keep: 1)
        file.write(lines(0..<50))
        #expect(text("service.log").contains("cannot be moved"))
        #expect(text("service.log").hasSuffix("line 1049\n"))
        #expect(text("service.log").utf8.count < 400)
    }

    @Test func `a link to a log stays one, and the mode leaves others out`() throws {
        try #require(symlink("real.log", path) == 0)
        let file = try LogFile(path, bytesMax: 100, keep: 1)
        file.write(lines(0..<11))
        #expect(text("real.log") == String(decoding: lines(10..<11), as: UTF8.self))
        #expect(text("real.log.1").utf8.count == 100)
        var status = stat()
        try #require(lstat(path, &status) == 0)
        #expect(status.st_mode & S_IFMT == S_IFLNK)
        try #require(stat(path, &status) == 0)
        #expect(status.st_mode & 0o137 == 0)
    }

    @Test func `a pipe that nothing reads is refused instead of waited for`() throws {
        try #require(mkfifo(path, 0o600) == 0)
        #expect(throws: SystemError(call: "open", code: ENXIO)) {
            _ = try LogFile(path, bytesMax: 100, keep: 1)
        }
    }

    @Test func `an output that takes nothing holds up neither another one nor the end`() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { close(ends[1]) }
        let file = try LogFile(path, bytesMax: 0, keep: 0)
        let sink = LogSink(outputs: [LogOutput(ends[1]), LogOutput(file)], secrets: [])
        // More than a pipe takes, and more than waits for it.
        let line = [UInt8](repeating: 0x61, count: 99_999) + [0x0A]
        for _ in 0..<100 { sink.write(line) }
        let start = ContinuousClock.now
        sink.drain(within: .milliseconds(2_500))
        #expect(ContinuousClock.now - start < .seconds(10))
        #expect(text("service.log").split(separator: "\n").count >= 40)
        // Lets the thread that is stuck in write(2) go: without a reader it would get SIGPIPE.
        let reading = ends[0]
        DispatchQueue(label: "reader").async {
            var drained = [UInt8](repeating: 0, count: 1 << 16)
            while read(reading, &drained, drained.count) > 0 {}
        }
        sink.drain(within: .seconds(10))
    }

    private func exchange(_ target: String, status: Int) -> Exchange {
        let exchange = Exchange(peer: "::1")
        exchange.begin(
            Request(method: .get, path: target), identifier: "r",
            at: Moment(nanoseconds: MonotonicClock.nanoseconds))
        exchange.status = status
        exchange.served(wasCut: false)
        return exchange
    }

    private func logged(
        hiding secrets: [String] = [], _ body: (AccessLog) throws -> Void
    ) async throws -> [Substring] {
        let file = try LogFile(path, bytesMax: 0, keep: 0)
        let sink = LogSink(outputs: [LogOutput(file)], secrets: secrets)
        try body(try #require(AccessLog(Settings.Log(), sink: sink)))
        sink.drain()
        // The flood's own line comes a second later.
        _ = await eventually(within: .seconds(5)) {
            self.text("service.log").contains("left lines of refused requests out")
        }
        return text("service.log").split(separator: "\n")
    }

    @Test func `a flood of refused requests has few lines, and its number is said`() async throws {
        let lines = try await logged { log in
            for number in 0..<5_000 {
                log.served(exchange("/x", status: [404, 401, 429, 503][number % 4]))
            }
            for _ in 0..<200 { log.served(exchange("/jobs", status: 200)) }
            log.served(exchange("/jobs", status: 500))
        }
        let served = lines.filter { $0.contains("access: served") }
        let refused = served.filter { !$0.contains("status=200") && !$0.contains("status=500") }
        #expect(served.count - refused.count == 201)
        let leftOut = lines.filter { $0.contains("left lines") }.compactMap { line in
            line.split(separator: "lines=").last.flatMap { Int($0) }
        }.reduce(0, +)
        #expect(refused.count + leftOut == 5_000, "\(refused.count) and \(leftOut)")
        // Two seconds may have been touched.
        #expect(refused.count <= 3 * RefusalFlood.linesPerSecondMax)
    }

    @Test func `a long target is cut, also where a secret lies across the cut`() async throws {
        let secret = "0123456789abcdef"
        let target = "/" + String(repeating: "a", count: 190) + secret + "/rest"
        let lines = try await logged(hiding: [secret]) { log in
            log.served(exchange(target, status: 200))
            log.served(exchange("/" + String(repeating: "b", count: 9_000), status: 200))
            log.served(exchange("/short", status: 200))
            for _ in 0...RefusalFlood.linesPerSecondMax * 3 {
                log.served(exchange("/x", status: 404))
            }
        }
        let targets = lines.prefix(3).map { $0.split(separator: "target=").last ?? "" }
        #expect(targets[0] == "/" + String(repeating: "a", count: 190) + "...")
        #expect(targets[1] == "/" + String(repeating: "b", count: 199) + "...")
        #expect(targets[2] == "/short")
    }
}
