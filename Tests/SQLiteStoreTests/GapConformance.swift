// What every store must do with gaps that people accept, and how it counts the ends of files.

import Datasets
import Jobs
import TestSupport
import Testing

@Suite struct GapConformance {
    private static let ann = Principal(name: "ann", address: "10.0.0.7")
    private static let missing = FileFailure(
        code: "not_found", detail: "Tardis has no file.", httpStatus: 404)

    @Test(arguments: StoreKind.all)
    func `every end of a file has its number`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await mixedJob(test, files: 5)
        let cancelled = try await test.store.execute(.cancel, on: job.id, by: Self.ann, at: .noon)
            .job
        #expect(
            cancelled.progress
                == JobProgress(
                    filesTotal: 5, filesDone: 3, filesEmpty: 1, filesUnavailable: 1, filesFailed: 1,
                    filesCancelled: 1, bytesDone: 2_000, isPlanned: true))
        let retried = try await test.store.execute(.retry, on: job.id, by: Self.ann, at: .noon).job
        #expect(retried.progress.filesFailed == 0)
        #expect(retried.progress.filesCancelled == 0)
        #expect(
            cancelled.outcomeNotes == [
                "1 file has no rows, since Tardis has no data for the day: "
                    + "binance_trades_2024-01-02_BTCUSDT.csv.gz."
            ])
        #expect(retried.outcomeNotes.isEmpty)
    }

    @Test(arguments: StoreKind.all)
    func `a gap is accepted, and the job is completed with its gap named`(
        kind: StoreKind
    ) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await failedJob(test)
        _ = try await test.deliverAll()
        let result = try await test.store.acceptGaps(
            of: job.id, named: nil, by: Self.ann, at: .noon(plusSeconds: 60))
        #expect(result.eligibility == .act)
        let name = "binance_trades_2024-01-04_BTCUSDT.csv.gz"
        let completed = result.job
        #expect(completed.state == .completed)
        #expect(completed.completedAt == job.completedAt)
        #expect(completed.errorMessage == nil)
        #expect(
            completed.progress
                == JobProgress(
                    filesTotal: 4, filesDone: 4, filesEmpty: 1, filesUnavailable: 2,
                    gapsAccepted: 1, bytesDone: 2_000, isPlanned: true))
        #expect(completed.outcomeNotes.last == "1 gap was accepted: \(name).")
        #expect(completed.integrity.datasetDigest != nil)
        let list = try await test.store.checksums(of: job.id)
        #expect(list.text.contains("\n# gap accepted: \(name)\n"))
        let file = try await test.store.files(of: job.id, in: nil, limit: 1, offset: 3).first
        #expect(file?.state == .unavailable)
        #expect(file?.failure?.code == Gaps.acceptedCode)
        #expect(file?.failure?.detail.hasPrefix("Accepted as a gap by ann on 2025-11-13.") == true)
        let notifications = try await test.deliverAll()
        #expect(notifications.map(\.kind) == [.completed])
        #expect(notifications.map(\.at) == [.noon(plusSeconds: 60)])
        let event = try await test.store.lastEvent(of: job.id, .gapsAccepted)
        #expect(event?.principal.name == "ann")

        let again = try await test.store.acceptGaps(
            of: job.id, named: nil, by: Self.ann, at: .noon)
        #expect(
            again.eligibility == .refuse("Job 1 is completed; its gaps were accepted before."))
        #expect(again.job == completed)
    }

    @Test(arguments: StoreKind.all)
    func `an accepted gap is downloaded again on request`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await failedJob(test)
        let completed = try await test.store.acceptGaps(
            of: job.id, named: nil, by: Self.ann, at: .noon
        ).job
        guard
            case .refuse = try await test.store.execute(
                .retry, on: job.id, by: Self.ann, at: .noon
            ).eligibility
        else {
            Issue.record("a completed job is retried without being asked for it")
            return
        }
        let retried = try await test.store.execute(
            .retryGaps, on: job.id, by: Self.ann, at: .noon
        ).job
        #expect(retried.state == .pending)
        #expect(retried.progress.gapsAccepted == 0)
        #expect(retried.progress.filesUnavailable == 1)
        #expect(retried.integrity.datasetDigest == nil)
        #expect(retried.integrity.formerDigest == completed.integrity.datasetDigest)
        _ = try await test.store.claimJob(at: .noon)
        let files = try await test.store.claimFiles(of: job.id, limit: 9, at: .noon)
        #expect(files.map(\.position) == [3])
        try await test.store.record(.published(.sample()), of: job.id, position: 3)
        let ended = try #require(
            try await test.store.finish(job.id, as: .completed, errorMessage: nil, at: .noon))
        #expect(ended.outcomeNotes.count == 1)
        #expect(ended.integrity.datasetDigest != completed.integrity.datasetDigest)
        #expect(try await !test.store.checksums(of: job.id).text.contains("gap"))
    }

    @Test(arguments: StoreKind.all)
    func `what is no gap is not accepted, with the reasons`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await failedJob(test, files: 5)
        func refusal(_ names: [String]?) async throws -> String {
            let result = try await test.store.acceptGaps(
                of: job.id, named: names, by: Self.ann, at: .noon)
            guard case .refuse(let reason) = result.eligibility else { return "accepted" }
            #expect(result.job == job)
            return reason
        }
        let (gap, failed) = (
            "binance_trades_2024-01-04_BTCUSDT.csv.gz", "binance_trades_2024-01-05_BTCUSDT.csv.gz"
        )
        #expect(
            try await refusal([gap, failed, "x"])
                == "No gap of job 1 was accepted. \(failed): it is no gap, but failed: "
                + "Tardis answered 500. 'x' is no failed file of the job.")
        // All that are gaps can be; the job lacks the other still.
        let result = try await test.store.acceptGaps(
            of: job.id, named: [gap], by: Self.ann, at: .noon)
        #expect(result.job.state == .failed)
        #expect(result.job.progress.gapsAccepted == 1)
        #expect(
            result.job.errorMessage == "1 of 5 files failed. \(failed): Tardis answered 500.")
        await #expect(throws: JobError.notFound(JobID(9))) {
            try await test.store.acceptGaps(of: JobID(9), named: nil, by: Self.ann, at: .noon)
        }
    }

    @Test(arguments: StoreKind.all)
    func `files are sorted by name, on every page`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        let symbols = ["BTC", "BTC-USD", "?A", "B_C"]
        _ = try await test.store.insert(
            .sample(dataTypes: [.trades, .quotes], symbols: symbols, days: 3), at: .noon)
        let job = try #require(try await test.store.claimJob(at: .noon))
        let plan = [2, 0, 1].flatMap { day in
            symbols.flatMap { symbol in
                [DataType.trades, .quotes].map { type in
                    PlannedFile(
                        file: DatasetFile(
                            exchange: "binance", dataType: type, day: .newYear.advanced(by: day),
                            symbol: symbol))
                }
            }
        }
        try await test.store.expand(job.id, into: plan, notes: [])
        var names: [String] = []
        for offset in stride(from: 0, to: plan.count, by: 5) {
            names += try await test.store.files(of: job.id, in: nil, limit: 5, offset: offset)
                .map(\.file.name)
        }
        let sorted = plan.map(\.file.name).sorted {
            $0.utf8.lexicographicallyPrecedes($1.utf8)
        }
        #expect(names == sorted)
        let pending = try await test.store.files(of: job.id, in: [.pending], limit: 99, offset: 1)
        #expect(pending.map(\.file.name) == Array(sorted.dropFirst()))
    }

    /// A running job: published, empty, unavailable, failed, and the rest pending.
    private func mixedJob(_ test: StoreUnderTest, files: Int) async throws -> Job {
        let job = try await test.runningJob(files: files)
        _ = try await test.store.claimFiles(of: job.id, limit: 4, at: .noon)
        for (position, ending) in [
            .published(.sample()), .published(.sample(rows: 0)), .unavailable(.notListed),
            .failed(Self.missing),
        ].enumerated() as EnumeratedSequence<[AttemptResult]> {
            try await test.store.record(ending, of: job.id, position: position)
        }
        return job
    }

    /// The same, ended; a fifth file failed for another reason.
    private func failedJob(_ test: StoreUnderTest, files: Int = 4) async throws -> Job {
        let job = try await mixedJob(test, files: files)
        try await test.store.endRemainingFiles(of: job.id, as: .failed, because: .refused)
        return try #require(
            try await test.store.finish(
                job.id, as: .failed, errorMessage: "why", at: .noon(plusSeconds: 10)))
    }
}
