// Records files as the queue does, some in work at a time, and prints what the store's writer took
// for each, in microseconds: its statements, and its commits beside them.
//
//   BookkeepingLoop FOLDER FILES

import Datasets
import Jobs
import SQLiteStore
import Synchronization

let count = Int(CommandLine.arguments[2]) ?? 20_000
let store = try SQLiteJobStore(path: CommandLine.arguments[1] + "/bookkeeping.db", readers: 2)

guard let first = Day("2015-01-01"), let now = Timestamp("2025-11-13T12:00:00Z") else {
    preconditionFailure("a day and a moment")
}
let request = DownloadRequest(
    exchange: "binance", dataTypes: [.trades], symbols: ["BTCUSDT"],
    days: first...first.advanced(by: 3_999), outputPath: "./datasets", createdBy: "bench")
_ = try await store.submit(Submission(request, by: Principal(name: "bench")), at: now)
guard let job = try await store.claimJob(for: .regular, at: now) else {
    preconditionFailure("a job waits")
}
let plan = (0..<count).map { number in
    PlannedFile(
        file: DatasetFile(
            exchange: "binance", dataType: .trades, day: first.advanced(by: number % 4_000),
            symbol: "SYMBOL\(number / 4_000)"))
}
_ = try await store.save(
    PlanBatch(plan, ofTotal: plan.count, notes: [], isLast: true), of: job.id, at: now)
/// Counts files that have been recorded.
final class Tally: Sendable {
    private let state = Mutex(0)

    var count: Int { state.withLock { $0 } }

    func add() {
        state.withLock { $0 += 1 }
    }
}

/// Records all files, some in work at once, as with DOWNLOAD_CONCURRENCY=16.
@concurrent
func record(_ count: Int, of job: JobID, in store: SQLiteJobStore, at now: Timestamp) async throws {
    let inWorkMax = 32
    let proof = FileChecksum(
        bytes: 100_000, rows: 5_000, firstTimestamp: now, lastTimestamp: now,
        sha256: String(repeating: "0a", count: 32), origin: .upstream)
    let (endings, ended) = AsyncStream.makeStream(
        of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let tally = Tally()
    var turns = endings.makeAsyncIterator()
    var claimed = 0
    while true {
        let recorded = tally.count
        if recorded == count { return }
        let free = inWorkMax - (claimed - recorded)
        guard free > 0, claimed < count else {
            await turns.next()
            continue
        }
        let records = try await store.claimFiles(of: job, limit: free, at: now)
        claimed += records.count
        for file in records {
            Task {
                try await store.record(
                    .published(proof), of: job, position: file.position,
                    during: AttemptSpan(from: now, to: now))
                tally.add()
                ended.yield()
            }
        }
    }
}

let before = store.writerTime
try await record(count, of: job.id, in: store, at: now)
let after = store.writerTime
let committing = (after.committing - before.committing) / .microseconds(1)
let busy = (after.busy - before.busy) / .microseconds(1)
print((busy - committing) / Double(count), committing / Double(count))
