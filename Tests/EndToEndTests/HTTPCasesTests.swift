// The hostile and legal HTTP cases beside the project, run against the real daemon.

import FoundationEssentials
import ServiceSupport
import TestSupport
import Testing

/// The folder of the cases.
enum HTTPCases {
    static let folder = ProjectFolder.shared("http-cases")
    static let arePresent = FileManager.default.fileExists(atPath: "\(folder)/run.py")

    /// The number of cases; fewer mean that some were not found.
    static let countMin = 3_057
}

@Suite(.enabled(if: HTTPCases.arePresent, "the HTTP cases are not beside the project"))
struct HTTPCasesTests {
    @Test(.timeLimit(.minutes(6)))
    func `passes every case, strictly judged, whole and byte by byte`() async throws {
        let report = try await report(of: "run.py", ["--path", "/health", "--strict", "--split"])
        #expect(report.failed == 0, "\(report.text.suffix(4_000))")
        #expect(report.passed >= HTTPCases.countMin)
    }

    @Test(.timeLimit(.minutes(6)))
    func `answers 5,000 mutated requests as the model does`() async throws {
        let report = try await report(
            of: "run.py",
            ["--path", "/health", "--strict", "--fuzz", "5000", "--seed", "3"])
        #expect(report.failed == 0, "\(report.text.suffix(4_000))")
        #expect(report.passed >= HTTPCases.countMin + 4_000)
    }

    @Test(.timeLimit(.minutes(4)))
    func `ends slow clients, and none delays others`() async throws {
        let report = try await report(
            of: "slow.py",
            [
                "--path", "/health", "--header-timeout", "15", "--body-timeout", "40",
                "--idle-timeout", "90",
            ])
        #expect(report.failed == 0, "\(report.text)")
        #expect(report.passed == 10)
    }

    /// Runs a script against a daemon of its own, which survives it.
    private func report(
        of script: String, _ options: [String]
    ) async throws -> (passed: Int, failed: Int, text: String) {
        let installation = try await Installation()
        let service = try await installation.startService()
        let port = try #require(service.url.split(separator: ":").last)
        let run = try ChildProcess(
            "/usr/bin/env",
            ["python3", "\(HTTPCases.folder)/\(script)", "127.0.0.1", String(port)] + options,
            environment: ["PATH": "/usr/local/bin:/usr/bin:/bin"], in: installation.folder.path)
        _ = await run.waitForExit(within: .seconds(300))
        #expect(service.process.exitCode == nil)
        // The last line: "3057 passed, 0 failed".
        let words = run.output.split(separator: "\n").last?.split(separator: " ") ?? []
        try #require(words.count == 4, "\(run.output.suffix(4_000)) \(run.errors.suffix(2_000))")
        let passed = try #require(Int(words[0]))
        let failed = try #require(Int(words[2]))
        return (passed, failed, run.output)
    }
}
