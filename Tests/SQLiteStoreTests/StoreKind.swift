// The stores that must conform, and builders for what goes into them. A further store joins by one
// line in `all`.

import Datasets
import Jobs
import SQLiteStore
import TestSupport
import Testing

/// A way to make an empty store.
struct StoreKind: Sendable, CustomTestStringConvertible {
    let name: String
    /// Makes one in an empty folder; called again, it opens the same one.
    let open: @Sendable (TemporaryFolder) throws -> any ServiceStore

    static let all = [
        StoreKind(name: "SQLite") { folder in
            try SQLiteJobStore(path: folder.path("downloads.db"), readers: 2)
        }
    ]

    var testDescription: String { name }
}

/// A store and the folder that it lives in.
final class StoreUnderTest: Sendable {
    let folder = TemporaryFolder()
    let store: any ServiceStore

    init(_ kind: StoreKind) throws {
        store = try kind.open(folder)
    }

    /// A running job with pending files, one per day of a January from the first on.
    func runningJob(files: Int, at now: Timestamp = .noon) async throws -> Job {
        _ = try await store.insert(.sample(days: files), at: now)
        let job = try #require(try await store.claimJob(at: now))
        try await store.expand(job.id, into: PlannedFile.samples(files), notes: [])
        return job
    }

    func progress(of job: Job) async throws -> JobProgress? {
        try await store.job(job.id)?.progress
    }

    /// All files of a job, as `pending`, `ok` …
    func states(of job: Job) async throws -> [FileState] {
        try await store.files(of: job.id, in: nil, limit: 1_000, offset: 0).map(\.state)
    }

    /// Takes everything out of the outbox, delivering it.
    func deliverAll() async throws -> [JobNotification] {
        var all: [JobNotification] = []
        while let next = try await store.nextNotification() {
            all.append(next)
            try await store.record(.delivered(at: .noon), of: next.id)
        }
        return all
    }
}

extension Timestamp {
    /// 2025-11-13T12:00:00Z.
    static let noon = Timestamp("2025-11-13T12:00:00Z")!

    static func noon(plusSeconds seconds: Int) -> Timestamp { noon + .seconds(seconds) }
}

extension Day {
    static let newYear = Day("2024-01-01")!
}

extension DownloadRequest {
    static func sample(
        exchange: String = "binance", dataTypes: [DataType] = [.trades],
        symbols: [String] = ["BTCUSDT"], days: Int = 1, user: String = "intern",
        notes: [String] = []
    ) -> DownloadRequest {
        DownloadRequest(
            exchange: exchange, dataTypes: dataTypes, symbols: symbols,
            days: .newYear...Day.newYear.advanced(by: days - 1), outputPath: "./datasets/btc",
            createdBy: user, notes: notes)
    }
}

extension PlannedFile {
    static func samples(_ count: Int) -> [PlannedFile] {
        (0..<count).map { sample(on: .newYear.advanced(by: $0)) }
    }

    static func sample(
        on day: Day = .newYear, state: FileState = .pending, failure: FileFailure? = nil
    ) -> PlannedFile {
        PlannedFile(
            file: DatasetFile(exchange: "binance", dataType: .trades, day: day, symbol: "BTCUSDT"),
            state: state, failure: failure)
    }
}

extension FileChecksum {
    static func sample(bytes: Int64 = 1_000, rows: Int64 = 10) -> FileChecksum {
        FileChecksum(
            bytes: bytes, rows: rows,
            firstTimestamp: rows > 0 ? Timestamp(microseconds: 1_704_067_200_000_001) : nil,
            lastTimestamp: rows > 0 ? Timestamp(microseconds: 1_704_153_599_999_999) : nil,
            sha256: String(repeating: "0a", count: 32))
    }
}

extension FileFailure {
    static let refused = FileFailure(
        code: "upstream_refused", detail: "Tardis answered 500.", httpStatus: 500)
    static let missing = FileFailure(
        code: "not_found", detail: "Tardis has no file.", httpStatus: 404, finding: .missing)
    static let notListed = FileFailure(
        code: "not_listed", detail: "BTCUSDT is listed since 2024-02-01.")
}
