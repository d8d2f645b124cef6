// Jobs for the tests of this folder.

import APITypes

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
