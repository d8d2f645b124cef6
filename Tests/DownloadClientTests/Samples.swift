// Jobs and runs of the built program for the tests of this folder.

import APITypes
import TestSupport

/// Builders with defaults.
enum Sample {
    static func job(
        id: Int64 = 12, status: String = "running", symbols: [String] = ["BTCUSDT", "ETHUSDT"],
        errorMessage: String? = nil, total: Int = 31, done: Int = 14, failed: Int = 0,
        bytes: Int64 = 38_200_000, startedAt: String? = "2025-11-13T10:20:30.123456Z",
        completedAt: String? = nil, notes: [String] = []
    ) -> JobResponse {
        JobResponse(
            id: id, status: status, exchange: "binance", dataTypes: ["trades"], symbols: symbols,
            startDate: "2024-01-01", endDate: "2024-01-31", outputPath: "./datasets",
            createdAt: "2025-11-13T10:20:00.000000Z", startedAt: startedAt,
            completedAt: completedAt, errorMessage: errorMessage, createdBy: "alice",
            filesTotal: total, filesDone: done, filesFailed: failed, bytesDone: bytes,
            notes: notes)
    }

    static func ended(_ status: String, failed: Int = 0, errorMessage: String? = nil) -> JobResponse
    {
        job(
            status: status, errorMessage: errorMessage, done: 31 - failed, failed: failed,
            bytes: 84_200_000, completedAt: "2025-11-13T10:21:42.000000Z")
    }
}

/// One run of the built program, to its end.
struct ProgramRun {
    let status: Int32?
    let output: String
    let errors: String

    init(_ arguments: [String], _ variables: [String: String] = [:]) async throws {
        let process = try ProgramRun.start(arguments, variables)
        status = await process.waitForExit()
        // The end of the pipes may be read a moment after the end of the process.
        _ = await eventually(within: .milliseconds(500)) {
            !process.output.isEmpty && !process.errors.isEmpty
        }
        output = process.output
        errors = process.errors
    }

    static func start(
        _ arguments: [String], _ variables: [String: String] = [:]
    ) throws -> ChildProcess {
        try ChildProcess(
            BuiltProgram.path("download-client"), arguments,
            environment: ["USER": "alice"].merging(variables) { $1 })
    }
}
