// A run of a program next to the service, to its end.

import ServiceSupport
import TestSupport

/// How a program ended, and what it printed.
struct ProgramRun {
    let status: Int32?
    let output: String
    let errors: String

    /// Standard output, then standard error.
    var text: String { output + errors }

    init(
        _ program: String, _ arguments: [String], environment: [String: String] = [:]
    ) async throws {
        let process = try ChildProcess(program, arguments, environment: environment)
        status = await process.waitForExit(within: .seconds(60))
        // The end of the pipes may be read a moment after the end of the process.
        _ = await eventually(within: .milliseconds(500)) {
            !process.output.isEmpty || !process.errors.isEmpty
        }
        output = process.output
        errors = process.errors
    }
}

extension RunningService {
    /// Runs `download-client` against this service.
    func client(_ arguments: [String], as user: String = "intern") async throws -> ProgramRun {
        try await ProgramRun(
            BuiltProgram.path("download-client"), arguments + ["--url", url],
            environment: ["USER": user])
    }
}
