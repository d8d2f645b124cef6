// The hostile and legal HTTP cases beside the project, run against the real daemon.

import APITypes
import Curl
import FoundationEssentials
import TestSupport
import Testing

@Suite struct HTTPCasesTests {
    static let folder = ProjectFolder.shared("http-cases")
    static let arePresent = FileManager.default.fileExists(atPath: "\(folder)/run.py")

    @Test(
        .enabled(if: arePresent, "the HTTP cases are not beside the project"),
        .timeLimit(.minutes(4)))
    func `no case fails at MUST level, strictly judged`() async throws {
        let installation = try await Installation()
        let service = try await installation.startService()
        let port = try #require(service.url.split(separator: ":").last)
        let run = try ChildProcess(
            "/usr/bin/env",
            [
                "python3", "\(HTTPCasesTests.folder)/run.py", "127.0.0.1", String(port), "--path",
                "/health", "--strict",
            ], environment: ["PATH": "/usr/local/bin:/usr/bin:/bin"], in: installation.folder.path)
        _ = await run.waitForExit(within: .seconds(200))
        #expect(run.output.contains("failures at MUST level: 0"), "\(run.output.suffix(4_000))")
        #expect(service.process.exitCode == nil)
    }
}
