// What every store must do: attempts at files, copies of them, their sizes, and verification.

import Datasets
import Jobs
import TestSupport
import Testing

@Suite struct EvidenceConformance {
    @Test(arguments: StoreKind.all)
    func `every attempt that counts is kept, in order`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await test.runningJob(files: 2)
        let endings: [AttemptResult] = [
            .retry(at: .noon, .refused), .released(notBefore: nil), .published(.sample()),
        ]
        for (second, ending) in endings.enumerated() {
            _ = try await test.store.claimFiles(of: job.id, limit: 1, at: .noon)
            try await test.store.record(
                ending, of: job.id, position: 0, during: span(second, second + 1))
        }
        let reports = try await test.store.reports(of: job.id, in: nil, limit: 9, offset: 0)
        #expect(
            reports.map(\.attempts) == [
                [
                    FileAttempt(
                        span(0, 1), httpStatus: 500, code: "upstream_refused",
                        detail: "Tardis answered 500."),
                    FileAttempt(span(2, 3), httpStatus: 200),
                ], [],
            ])
        let done = try await test.store.reports(of: job.id, in: [.ok], limit: 9, offset: 0)
        #expect(done == [reports[0]])
        #expect(try await test.store.fileCount(of: job.id, in: [.ok]) == 1)
        #expect(try await test.store.fileCount(of: job.id, in: nil) == 2)
    }

    @Test(arguments: StoreKind.all)
    func `what did not have to be fetched is counted`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await test.runningJob(files: 3)
        for (position, origin) in [FileOrigin.upstream, .disk, .link].enumerated() {
            _ = try await test.store.claimFiles(of: job.id, limit: 1, at: .noon)
            var proof = FileChecksum.sample(bytes: 100)
            proof.origin = origin
            try await test.store.record(.published(proof), of: job.id, position: position)
        }
        #expect(try await test.store.job(job.id)?.integrity.bytesSaved == 200)
        let files = try await test.store.files(of: job.id, in: nil, limit: 9, offset: 0)
        #expect(files.map { $0.checksum?.origin } == [.upstream, .disk, .link])
    }

    @Test(arguments: StoreKind.all)
    func `the sums are sorted by name, and their digest stands for the job`(
        kind: StoreKind
    ) async throws {
        let test = try StoreUnderTest(kind)
        _ = try await test.store.insert(.sample(symbols: ["BTC", "BTC-USD"]), at: .noon)
        let job = try #require(try await test.store.claimJob(at: .noon))
        let plan = ["BTC", "BTC-USD"].map { symbol in
            PlannedFile(
                file: DatasetFile(
                    exchange: "binance", dataType: .trades, day: .newYear, symbol: symbol))
        }
        try await test.store.expand(job.id, into: plan, notes: [])
        _ = try await test.store.claimFiles(of: job.id, limit: 2, at: .noon)
        for position in 0..<2 {
            try await test.store.record(.published(.sample()), of: job.id, position: position)
        }
        // `-` comes before `.` in ASCII.
        let list = try await test.store.checksums(of: job.id)
        #expect(
            list.sums.map(\.name) == [
                "binance_trades_2024-01-01_BTC-USD.csv.gz", "binance_trades_2024-01-01_BTC.csv.gz",
            ])
        let ended = try await test.store.finish(
            job.id, as: .completed, errorMessage: nil, at: .noon)
        // The lines above with the request before them, into sha256sum.
        #expect(
            ended?.integrity.datasetDigest
                == "54debef10d96cdb5399241af49a9c4d8e15905b841fedc6b6e93663dafa2e594")
    }

    @Test(arguments: StoreKind.all)
    func `published files are found by name, newest first, one for each folder`(
        kind: StoreKind
    ) async throws {
        let test = try StoreUnderTest(kind)
        for _ in 0..<2 { _ = try await completedJob(test) }
        let file = PlannedFile.sample().file
        #expect(
            try await test.store.copies(of: file, limit: 3) == [
                PublishedCopy(folder: "./datasets/btc", sha256: FileChecksum.sample().sha256)
            ])
        let other = DatasetFile(
            exchange: "binance", dataType: .trades, day: .newYear, symbol: "ETHUSDT")
        #expect(try await test.store.copies(of: other, limit: 3).isEmpty)
    }

    @Test(arguments: StoreKind.all)
    func `a verification takes nothing from what the job's owner may have`(
        kind: StoreKind
    ) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await completedJob(test)
        let limits = UserQuota(queuedJobsMax: 1, filesPerDayMax: 0)
        func isOver() async throws -> Bool {
            let outcome = try await test.store.submit(
                .sample(.sample(days: 2), force: true, limits: limits), at: .noon)
            if case .overLimit = outcome { return true }
            return false
        }
        _ = try #require(
            try await test.store.beginVerification(
                of: job.id, by: Principal(name: "somebody else"), at: .noon))
        #expect(try await !isOver())
        #expect(try await isOver())
        let claimed = try #require(try await test.store.claimJob(at: .noon))
        #expect(claimed.id == job.id)
        let files = try await test.store.claimFiles(of: job.id, limit: 9, at: .noon)
        for (position, _) in files.enumerated() {
            try await test.store.record(.published(.sample()), of: job.id, position: position)
        }
        _ = try await test.store.finish(job.id, as: .completed, errorMessage: nil, at: .noon)
        // Its end gives nothing back either.
        #expect(try await isOver())
    }

    @Test(arguments: StoreKind.all)
    func `a job is verified and ends again`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await completedJob(test)
        _ = try await test.deliverAll()
        let begun = try #require(
            try await test.store.beginVerification(of: job.id, by: .service, at: .noon))
        #expect(begun.state == .pending)
        #expect(begun.completedAt == nil)
        #expect(begun.progress.filesDone == 0)
        // Nothing is known to have changed.
        #expect(begun.integrity.datasetDigest == job.integrity.datasetDigest)
        #expect(try await test.store.beginVerification(of: job.id, by: .service, at: .noon) == nil)
        let claimed = try #require(try await test.store.claimJob(at: .noon))
        #expect(claimed.id == job.id)
        #expect(claimed.progress.isPlanned)
        let files = try await test.store.claimFiles(of: job.id, limit: 9, at: .noon)
        #expect(
            files.map(\.expectedSHA256) == Array(repeating: FileChecksum.sample().sha256, count: 3))
        #expect(files.map(\.attempts) == [0, 0, 0])
        for (position, origin) in [FileOrigin.disk, .upstream, .link].enumerated() {
            var proof = FileChecksum.sample()
            proof.origin = origin
            proof.finding = [nil, .damaged, .missing][position]
            try await test.store.record(.published(proof), of: job.id, position: position)
        }
        let ended = try #require(
            try await test.store.finish(
                job.id, as: .completed, errorMessage: nil, at: .noon(plusSeconds: 9)))
        #expect(ended.integrity.verifiedAt == .noon(plusSeconds: 9))
        #expect(ended.integrity.filesRepaired == 2)
        #expect(ended.integrity.bytesSaved == job.integrity.bytesSaved)
        #expect(ended.integrity.datasetDigest == job.integrity.datasetDigest)
        #expect(ended.progress == job.progress)
        // The start of a verification has no notification.
        #expect(try await test.deliverAll().map(\.kind) == [.completed])
        await #expect(throws: JobError.notFound(JobID(99))) {
            try await test.store.beginVerification(of: JobID(99), by: .service, at: .noon)
        }
    }

    @Test(arguments: StoreKind.all)
    func `sizes come with those of other jobs' days, and odd ones are marked`(
        kind: StoreKind
    ) async throws {
        let test = try StoreUnderTest(kind)
        _ = try await completedJob(test)
        let job = try await test.runningJob(files: 1)
        _ = try await test.store.claimFiles(of: job.id, limit: 1, at: .noon)
        try await test.store.record(.published(.sample(rows: 7)), of: job.id, position: 0)
        let sizes = try await test.store.sizes(of: job.id)
        #expect(sizes.count == 1)
        #expect(sizes.first?.own == [0: FileSize(day: .newYear, rows: 7, bytes: 1_000)])
        #expect(
            Set(sizes.first?.others.map(\.day) ?? []) == [
                .newYear.advanced(by: 1), .newYear.advanced(by: 2),
            ])
        try await test.store.setSizeWarnings([0: "odd"], of: job.id)
        #expect(try await test.store.job(job.id)?.integrity.filesSuspicious == 1)
        let file = try await test.store.files(of: job.id, in: nil, limit: 1, offset: 0).first
        #expect(file?.sizeWarning == "odd")
        try await test.store.setSizeWarnings([:], of: job.id)
        #expect(try await test.store.job(job.id)?.integrity.filesSuspicious == 0)
    }

    private func completedJob(_ test: StoreUnderTest) async throws -> Job {
        let job = try await test.runningJob(files: 3)
        _ = try await test.store.claimFiles(of: job.id, limit: 3, at: .noon)
        for position in 0..<3 {
            try await test.store.record(.published(.sample()), of: job.id, position: position)
        }
        return try #require(
            try await test.store.finish(job.id, as: .completed, errorMessage: nil, at: .noon))
    }

    private func span(_ began: Int, _ ended: Int) -> AttemptSpan {
        AttemptSpan(from: .noon(plusSeconds: began), to: .noon(plusSeconds: ended))
    }
}
