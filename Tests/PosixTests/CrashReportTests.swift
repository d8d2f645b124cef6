// The report of a process that a signal ends.

import Glibc
import TestSupport
import Testing

@Suite(.disabled(if: isSanitized, "sanitizers report such ends themselves"))
struct CrashReportTests {
    private func end(_ arguments: [String]) async throws -> ChildProcess {
        let child = try ChildProcess(
            BuiltProgram.path("crash-example"), arguments,
            environment: ["SWIFT_BACKTRACE": "enable=no"])
        await child.waitForExit()
        return child
    }

    private func lastLine(_ text: String) -> String {
        String(text.split(separator: "\n").last ?? "")
    }

    @Test func `reports a failed check with its function, also in the log`() async throws {
        let folder = TemporaryFolder()
        let log = folder.path("log")
        let child = try await end(["trap", log])
        let line = lastLine(child.errors)
        #expect(
            line.hasPrefix("crash-example 1.0 crashed: SIGILL, a check in the program failed, at "))
        // Mangled, as `swift demangle` reads it, and where it is in the file.
        #expect(line.contains("takeElementBeyondTheEnd"))
        #expect(line.contains("(0x"))
        #expect(line.contains("; called from ") && line.contains("main+0x"))
        #expect(child.exitCode == -SIGILL)
        let logged = readFile(log).map { String(decoding: $0, as: UTF8.self) }
        #expect(logged == line + "\n")
    }

    @Test(arguments: [
        (SIGILL, "SIGILL"), (SIGTRAP, "SIGTRAP"), (SIGSEGV, "SIGSEGV"), (SIGBUS, "SIGBUS"),
        (SIGFPE, "SIGFPE"), (SIGSYS, "SIGSYS"),
    ])
    func `reports a signal from outside with its sender, and keeps the exit status`(
        number: Int32, name: String
    ) async throws {
        let child = try await end(["\(number)"])
        #expect(lastLine(child.errors).contains("crashed: \(name), sent by process \(child.pid)"))
        #expect(child.exitCode == -number)
    }

    @Test func `reports an abort`() async throws {
        let child = try await end(["abort"])
        #expect(lastLine(child.errors).contains("crashed: SIGABRT, abort"))
        #expect(child.exitCode == -SIGABRT)
    }
}
