// Signals to the daemon, with a terminal and without, and with an unread log.

import APITypes
import Curl
import Glibc
import ServiceSupport
import TestSupport
import Testing

@Suite struct SignalTests {
    private static let log = "service.log"

    private func logText(_ installation: Installation, _ name: String = SignalTests.log) -> String {
        readFile("\(installation.root)/\(name)").map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    @Test func `SIGHUP without a terminal reopens the log, and stray signals are ignored`()
        async throws
    {
        let installation = try await Installation(settings: ["LOG_FILE": SignalTests.log])
        let process = try installation.spawnService(through: ["/usr/bin/setsid"])
        let service = try await installation.listening(process).orFail(process.errors)
        let moved = "\(installation.root)/\(SignalTests.log).moved"
        #expect(rename("\(installation.root)/\(SignalTests.log)", moved) == 0)
        process.send(SIGHUP)
        #expect(await eventually { logText(installation).contains("opened LOG_FILE anew") })
        let stray = [
            SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGPOLL, SIGPWR, SIGPIPE, SIGXFSZ,
            SIGXCPU, SIGSTKFLT, SIGHUP, 34, 40, 64,
        ]
        for signal in stray { process.send(signal) }
        #expect(try await service.ask("GET", "/health").head.status == 200)
        #expect(process.exitCode == nil)
        #expect(await service.stop() == 0)
        #expect(logText(installation, "\(SignalTests.log).moved").contains("\"listening\""))
        #expect(!logText(installation).contains("\"listening\""))
    }

    /// Runs the daemon in a terminal of its own and sends it SIGHUP, as a closed window does.
    private func hangUp(through wrapper: String) async throws -> (Installation, ChildProcess, Int32)
    {
        let installation = try await Installation(settings: ["LOG_FILE": SignalTests.log])
        // The shell's own $0 is the daemon's path, which follows the wrapper.
        let terminal = "exec /usr/bin/script --quiet --return --flush --command"
        let process = try installation.spawnService(
            through: ["/bin/sh", "-c", "\(terminal) \"\(wrapper) $0\" /dev/null"])
        let isUp = await eventually(within: .seconds(20)) {
            logText(installation).contains("\"listening\"") || process.exitCode != nil
        }
        #expect(isUp && process.exitCode == nil, "\(process.output)\(process.errors)")
        let holder = readFile("\(installation.database).lock").map {
            String(decoding: $0, as: UTF8.self)
        }
        let pid = try Int32((holder ?? "").filter(\.isNumber)).orFail("no process holds the lock")
        kill(pid, SIGHUP)
        return (installation, process, pid)
    }

    @Test func `SIGHUP of a closed terminal ends the service as SIGTERM does`() async throws {
        let (installation, process, _) = try await hangUp(through: "exec")
        #expect(await process.waitForExit(within: .seconds(20)) == 0)
        #expect(logText(installation).contains("\"stopped\""))
    }

    @Test func `a service that ignores SIGHUP continues`() async throws {
        let (installation, process, pid) = try await hangUp(through: "exec nohup")
        #expect(await eventually { logText(installation).contains("opened LOG_FILE anew") })
        #expect(process.exitCode == nil)
        kill(pid, SIGTERM)
        #expect(await process.waitForExit(within: .seconds(20)) == 0)
    }

    @Test
    func `SIGTERM ends it in time with standard error unread, and LOG_FILE is complete`()
        async throws
    {
        let installation = try await Installation(settings: [
            "LOG_FILE": SignalTests.log, "SHUTDOWN_GRACE": "0",
        ])
        let pipe = "\(installation.root)/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        let end = open(pipe, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        defer { close(end) }
        let filling = [UInt8](repeating: 0x61, count: 4_096)
        while write(end, filling, filling.count) > 0 {}
        let process = try installation.spawnService(
            through: ["/bin/sh", "-c", "exec \"$0\" 2>pipe"])
        let isUp = await eventually(within: .seconds(20)) {
            logText(installation).contains("\"listening\"")
        }
        #expect(isUp)
        let start = ContinuousClock.now
        process.send(SIGTERM)
        #expect(await process.waitForExit(within: .seconds(20)) == 0)
        #expect(ContinuousClock.now - start < .seconds(7))
        #expect(logText(installation).contains("\"stopped\""))
    }

    @Test func `files with names are for owner and group, data follows umask`()
        async throws
    {
        for (mask, data, secret) in [("002", 0o664, 0o640), ("077", 0o600, 0o600)] {
            let installation = try await Installation(settings: [
                "LOG_FILE": SignalTests.log, "BACKUP_FOLDER": "copies",
            ])
            let process = try installation.spawnService(
                through: ["/bin/sh", "-c", "umask \(mask) && exec \"$0\""])
            let service = try await installation.listening(process).orFail(process.errors)
            let answer = try await service.submit(
                exchange: "binance", symbols: ["BTCUSDT"], from: "2024-01-01", to: "2024-01-01",
                outputPath: "btc")
            _ = try await service.end(of: answer.jobID)
            func mode(_ path: String) -> Int {
                var status = stat()
                guard stat("\(installation.root)/\(path)", &status) == 0 else { return -1 }
                return Int(status.st_mode & 0o777)
            }
            let beside = ["", "-wal", "-shm", ".lock"].map { "data/downloads.db\($0)" }
            for path in beside + [SignalTests.log] { #expect(mode(path) == secret, "\(path)") }
            #expect(mode("datasets/btc/binance_trades_2024-01-01_BTCUSDT.csv.gz") == data)
            #expect(mode("datasets/btc") == data | (data & 0o444) >> 2)
            #expect(await service.stop() == 0)
        }
    }

    /// Where its toolchain is installed, Swift's own report follows the line, if enabled.
    @Test(
        .disabled(if: isSanitized, "sanitizers report such ends themselves"),
        arguments: [false, true])
    func `a crash signal is the last line, also of the log file`(
        withSwifts: Bool
    ) async throws {
        let installation = try await Installation(settings: ["LOG_FILE": "service.log"])
        let service = try await installation.startService([
            "SWIFT_BACKTRACE": withSwifts ? "enable=yes" : "enable=no"
        ])
        service.process.send(SIGILL)
        await service.process.waitForExit(within: .seconds(60))
        #expect(service.process.exitCode == -SIGILL)
        let lines = service.process.errors.split(separator: "\n").map(String.init)
        let reports = lines.filter { $0.contains(" crashed: SIGILL, sent by process ") }
        #expect(reports.count == 1 && reports[0].hasPrefix("download-service/"), "\(lines)")
        if !withSwifts { #expect(lines.last == reports.first) }
        let log = readFile(installation.root + "/service.log") ?? []
        #expect(String(decoding: log, as: UTF8.self).hasSuffix((reports.first ?? "none") + "\n"))
    }
}
