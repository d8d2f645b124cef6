// Jobs for the tests of this target, complete but for what a test is about.

import Datasets
import Jobs

func makeJob(
    symbols: [String] = ["BTCUSDT"], exchange: String = "binance", createdBy: String = "intern",
    errorMessage: String? = nil, seconds: Int64? = nil
) -> Job {
    let start = Timestamp(microseconds: 1_700_000_000_000_000)
    return Job(
        id: JobID(7), state: .running, exchange: exchange, dataTypes: ["trades"],
        symbols: symbols, startDate: "2024-01-01", endDate: "2024-01-31",
        outputPath: "./datasets", createdAt: start, startedAt: start,
        completedAt: seconds.map { start + .seconds($0) }, errorMessage: errorMessage,
        createdBy: createdBy)
}

func makeNotification(
    _ kind: JobNotification.Kind, _ job: Job = makeJob(),
    at now: Timestamp = Timestamp(microseconds: 0)
) -> JobNotification {
    JobNotification(id: 1, kind: kind, job: job, at: now)
}
