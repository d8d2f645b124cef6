// What every store must record of a verification: what was found, what was done about it, and what
// stays as it was.

import Datasets
import Jobs
import TestSupport
import Testing

@Suite struct VerificationConformance {
    private static let recorded = FileChecksum.sample().sha256
    private static let other = String(repeating: "ff", count: 32)

    @Test(arguments: StoreKind.all)
    func `a verification says what it found, and leaves alone what is as recorded`(
        kind: StoreKind
    ) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await completedJob(test, files: 4)
        let before = try await test.store.reports(of: job.id, in: nil, limit: 9, offset: 0)
        try await verify(job, in: test, at: 3_600) { position in
            switch position {
            case 0: .published(.found(nil, origin: .disk))
            case 1: .published(.found(.damaged))
            case 2: .published(.found(.missing, origin: .link))
            default: .published(.found(nil, origin: .disk))
            }
        }
        let ended = try #require(try await test.store.job(job.id))
        #expect(ended.state == .completed)
        #expect(!job.integrity.isBeingVerified && !ended.integrity.isBeingVerified)
        #expect(ended.completedAt == job.completedAt)
        #expect(ended.startedAt == job.startedAt)
        #expect(ended.integrity.datasetDigest == job.integrity.datasetDigest)
        #expect(ended.integrity.formerDigest == nil)
        #expect(ended.integrity.filesRepaired == 2)
        #expect(
            ended.integrity.verification
                == JobVerification(
                    startedAt: .noon(plusSeconds: 3_600), endedAt: .noon(plusSeconds: 3_605),
                    filesChecked: 4, filesDamaged: 1, filesMissing: 1))
        let reports = try await test.store.reports(of: job.id, in: nil, limit: 9, offset: 0)
        #expect(reports.map(\.record.finding) == [nil, .damaged, .missing, nil])
        #expect(
            reports.map { $0.record.checksum?.origin } == [.upstream, .upstream, .link, .upstream])
        #expect(reports[0] == before[0])
        #expect(reports.map(\.attempts.count) == [1, 2, 2, 1])
        let event = try #require(try await test.store.lastEvent(of: job.id, .verified))
        let names = reports.map(\.record.file.name)
        #expect(
            event.detail ?? "" == "4 files checked: 1 damaged, 1 missing, 2 repaired. "
                + "Damaged: \(names[1]). Missing: \(names[2]).")
    }

    @Test(arguments: StoreKind.all)
    func `other bytes are refused with both hashes, until a user accepts them`(
        kind: StoreKind
    ) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await completedJob(test, files: 2)
        let digest = try #require(job.integrity.datasetDigest)
        try await verify(job, in: test, at: 60) { position in
            var failure = FileFailure.changedUpstream(recorded: Self.recorded, now: Self.other)
            failure.finding = .damaged
            return position == 0
                ? .published(.found(nil, origin: .disk)) : .failed(failure)
        }
        var ended = try #require(try await test.store.job(job.id))
        #expect(ended.state == .failed)
        #expect(ended.completedAt == job.completedAt)
        #expect(ended.integrity.datasetDigest == nil)
        #expect(ended.integrity.formerDigest == digest)
        #expect(ended.integrity.verification?.filesChanged == 1)
        #expect(ended.integrity.filesRepaired == 0)
        let left = try await test.store.files(of: job.id, in: [.failed], limit: 9, offset: 0)
        let revision = FileRevision(
            sha256: Self.other, recordedSHA256: Self.recorded, seenAt: .noon(plusSeconds: 61))
        #expect(left.map(\.revision) == [revision])
        let told = try await test.store.lastEvent(of: job.id, .verified)?.detail
        #expect(told?.contains("recorded \(Self.recorded), now \(Self.other), left out") == true)

        try await verify(job, in: test, at: 120, acceptsRevision: true) { position in
            position == 0
                ? .published(.found(nil, origin: .disk))
                : .published(.found(.missing, sha256: Self.other))
        }
        ended = try #require(try await test.store.job(job.id))
        #expect(ended.state == .completed)
        #expect(ended.completedAt == job.completedAt)
        #expect(ended.integrity.datasetDigest != digest)
        #expect(ended.integrity.formerDigest == digest)
        #expect(ended.integrity.verification?.filesChanged == 1)
        #expect(ended.integrity.acceptsRevision == false)
        let taken = try await test.store.files(of: job.id, in: nil, limit: 9, offset: 1)
        #expect(taken.map { $0.checksum?.sha256 } == [Self.other])
        #expect(taken.map(\.revision?.recordedSHA256) == [Self.recorded])
        let changes = try await events(.digestChanged, of: job, in: test)
        #expect(changes.count == 2)
        #expect(changes.last?.contains(digest) == true)
        #expect(changes.last?.contains(ended.integrity.datasetDigest ?? "none") == true)
    }

    @Test(arguments: StoreKind.all)
    func `recorded bytes that come back bring the digest back`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await completedJob(test, files: 1)
        try await verify(job, in: test, at: 60) { _ in
            .failed(FileFailure(code: "x", detail: "It rained.", finding: .missing))
        }
        #expect(try await test.store.job(job.id)?.integrity.formerDigest != nil)
        _ = try await test.store.execute(.retry, on: job.id, by: .service, at: .noon)
        _ = try await test.store.claimJob(at: .noon)
        let files = try await test.store.claimFiles(of: job.id, limit: 9, at: .noon)
        #expect(files.map(\.expectedSHA256) == [Self.recorded])
        try await test.store.record(.published(.found(.missing)), of: job.id, position: 0)
        let ended = try await test.store.finish(
            job.id, as: .completed, errorMessage: nil, at: .noon)
        #expect(ended?.integrity.datasetDigest == job.integrity.datasetDigest)
        #expect(ended?.integrity.formerDigest == nil)
    }

    @Test(arguments: StoreKind.all)
    func `a called-off verification keeps the digest in the record`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await completedJob(test, files: 1)
        _ = try await test.store.beginVerification(of: job.id, by: .service, at: .noon)
        let cancelled = try await test.store.execute(.cancel, on: job.id, by: .service, at: .noon)
            .job
        #expect(cancelled.integrity.datasetDigest == nil)
        #expect(cancelled.integrity.formerDigest == job.integrity.datasetDigest)
        #expect(try await events(.digestChanged, of: job, in: test).count == 1)
    }

    @Test(arguments: StoreKind.all)
    func `however often a job is verified, the record of its files does not grow`(
        kind: StoreKind
    ) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await completedJob(test, files: 2)
        for round in 1...30 {
            try await verify(job, in: test, at: round * 60) { position in
                position == 0
                    ? .published(.found(nil, origin: .disk)) : .published(.found(.damaged))
            }
        }
        let reports = try await test.store.reports(of: job.id, in: nil, limit: 9, offset: 0)
        #expect(reports.map(\.attempts.count) == [1, FileReport.attemptsMax])
        #expect(reports.map(\.attemptsTotal) == [1, 31])
        // The last ones.
        #expect(reports[1].attempts.last?.span.began == .noon(plusSeconds: 1_800))
        #expect(reports[0].attempts[0].httpStatus == 200)
    }

    // MARK: Steps

    private func completedJob(_ test: StoreUnderTest, files: Int) async throws -> Job {
        let job = try await test.runningJob(files: files)
        _ = try await test.store.claimFiles(of: job.id, limit: files, at: .noon)
        for position in 0..<files {
            try await test.store.record(
                .published(.sample()), of: job.id, position: position, during: span(0))
        }
        return try #require(
            try await test.store.finish(
                job.id, as: .completed, errorMessage: nil, at: .noon(plusSeconds: 10)))
    }

    /// A verification that begins at a second and takes five.
    private func verify(
        _ job: Job, in test: StoreUnderTest, at second: Int, acceptsRevision: Bool = false,
        _ ending: (Int) -> AttemptResult
    ) async throws {
        let (store, id) = (test.store, job.id)
        let now = Timestamp.noon(plusSeconds: second)
        let begun = try await store.beginVerification(
            of: id, by: .service, acceptsRevision: acceptsRevision, at: now)
        #expect(begun?.integrity.acceptsRevision == acceptsRevision)
        let claimed = try #require(try await store.claimJob(at: now))
        #expect(claimed.integrity.isBeingVerified)
        for file in try await store.claimFiles(of: id, limit: 99, at: now) {
            try await store.record(
                ending(file.position), of: id, position: file.position, during: span(second))
        }
        let isGood = try await store.fileStateCounts(of: id).counts.keys.allSatisfy(\.isGood)
        _ = try await store.finish(
            id, as: isGood ? .completed : .failed, errorMessage: isGood ? nil : "why",
            at: now + .seconds(5))
    }

    private func span(_ second: Int) -> AttemptSpan {
        AttemptSpan(from: .noon(plusSeconds: second), to: .noon(plusSeconds: second + 1))
    }

    private func events(
        _ kind: JobEvent.Kind, of job: Job, in test: StoreUnderTest
    ) async throws -> [String] {
        try await test.store.events(of: job.id, limit: 999, offset: 0).events
            .filter { $0.kind == kind }.map { $0.detail ?? "" }
    }
}

extension FileChecksum {
    /// A file that was to be verified.
    fileprivate static func found(
        _ finding: FileFinding?, sha256: String = FileChecksum.sample().sha256,
        origin: FileOrigin = .upstream
    ) -> FileChecksum {
        var proof = FileChecksum.sample()
        (proof.finding, proof.sha256, proof.origin) = (finding, sha256, origin)
        return proof
    }
}
