// What every store must do: the outbox, and small facts.

import Datasets
import Jobs
import TestSupport
import Testing

@Suite struct NotificationsConformance {
    @Test(arguments: StoreKind.all)
    func `every change of state has its notification, once and in order`(
        kind: StoreKind
    ) async throws {
        let test = try StoreUnderTest(kind)
        let first = try await test.runningJob(files: 1)
        let second = try await test.runningJob(files: 1)
        _ = try await test.store.finish(second.id, as: .failed, errorMessage: "x", at: .noon)
        _ = try await test.store.finish(second.id, as: .failed, errorMessage: "y", at: .noon)
        _ = try await test.store.finish(first.id, as: .cancelled, errorMessage: nil, at: .noon)
        _ = try await test.store.recover()
        let news = try await test.deliverAll()
        #expect(news.map(\.kind) == [.started, .started, .failed, .cancelled])
        #expect(news.map(\.job.id) == [first.id, second.id, second.id, first.id])
        #expect(news.map(\.id) == news.map(\.id).sorted())
        #expect(try await test.store.nextNotification() == nil)
    }

    @Test(arguments: StoreKind.all)
    func `a notification shows the job as it was`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        _ = try await test.store.insert(
            .sample(symbols: ["BTCUSDT", "😀"], notes: ["note"]), at: .noon)
        let started = try await test.store.claimJob(at: .noon(plusSeconds: 1))
        let id = try #require(started?.id)
        try await test.store.expand(id, into: PlannedFile.samples(2), notes: ["later"])
        _ = try await test.store.claimFiles(of: id, limit: 2, at: .noon)
        try await test.store.record(.published(.sample()), of: id, position: 0)
        try await test.store.record(.failed(.refused), of: id, position: 1)
        let ended = try await test.store.finish(
            id, as: .failed, errorMessage: "1 of 2 files failed.", at: .noon(plusSeconds: 9))
        let news = try await test.deliverAll()
        #expect(news.map(\.job) == [started, ended])
        #expect(news.allSatisfy { $0.attempts == 0 && $0.notBefore == nil })
    }

    @Test(arguments: StoreKind.all)
    func `a notification that is retried keeps its position`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await test.runningJob(files: 1)
        _ = try await test.store.finish(job.id, as: .failed, errorMessage: nil, at: .noon)
        let first = try #require(try await test.store.nextNotification())
        let later = Timestamp.noon(plusSeconds: 30)
        try await test.store.record(.retry(at: later, reason: "429"), of: first.id)
        var again = try #require(try await test.store.nextNotification())
        #expect(again.id == first.id)
        #expect(again.attempts == 1)
        #expect(again.notBefore == later)
        try await test.store.record(.retry(at: later, reason: "429"), of: first.id)
        again = try #require(try await test.store.nextNotification())
        #expect(again.attempts == 2)
        try await test.store.record(.delivered(at: later), of: first.id)
        #expect(try await test.store.nextNotification()?.kind == .failed)
    }

    @Test(arguments: StoreKind.all)
    func `what was refused is given up, and what has ended stays so`(
        kind: StoreKind
    ) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await test.runningJob(files: 1)
        _ = try await test.store.finish(job.id, as: .failed, errorMessage: nil, at: .noon)
        let first = try #require(try await test.store.nextNotification())
        try await test.store.record(.refused(at: .noon, reason: "chat not found"), of: first.id)
        let second = try #require(try await test.store.nextNotification())
        #expect(second.id > first.id)
        try await test.store.record(.delivered(at: .noon), of: second.id)
        for id in [first.id, second.id, 99] {
            try await test.store.record(.retry(at: .noon, reason: "late"), of: id)
            try await test.store.record(.refused(at: .noon, reason: "late"), of: id)
            try await test.store.record(.delivered(at: .noon), of: id)
        }
        #expect(try await test.store.nextNotification() == nil)
    }

    /// Jobs that have started and been cancelled.
    private func cancelJobs(_ count: Int, of user: String, in test: StoreUnderTest) async throws {
        for _ in 0..<count {
            _ = try await test.store.insert(.sample(user: user), at: .noon)
            let job = try #require(try await test.store.claimJob(at: .noon))
            _ = try await test.store.finish(job.id, as: .cancelled, errorMessage: "x", at: .noon)
        }
    }

    @Test(arguments: StoreKind.both)
    func `users take turns, and the notifications of each stay in order`(
        kind: StoreKind
    ) async throws {
        let test = try StoreUnderTest(kind)
        try await cancelJobs(3, of: "mallory", in: test)
        try await cancelJobs(1, of: "bob", in: test)
        try await cancelJobs(1, of: "ann", in: test)
        var (told, user): ([String], String?) = ([], nil)
        while let next = try await test.store.nextNotification(after: user) {
            user = next.job.createdBy
            told.append("\(next.job.createdBy) \(next.id)")
            try await test.store.record(.delivered(at: .noon), of: next.id)
        }
        #expect(
            told == [
                "ann 9", "bob 7", "mallory 1", "ann 10", "bob 8", "mallory 2", "mallory 3",
                "mallory 4", "mallory 5", "mallory 6",
            ])
    }

    @Test(arguments: StoreKind.both)
    func `a dozen of a kind are told one by one, and one more makes all of them one`(
        kind: StoreKind
    ) async throws {
        let test = try StoreUnderTest(kind)
        try await cancelJobs(12, of: "mallory", in: test)
        #expect(try await test.store.nextNotification()?.merged == nil)
        try await cancelJobs(1, of: "ann", in: test)
        try await cancelJobs(1, of: "mallory", in: test)
        let first = try #require(try await test.store.nextNotification(after: "ann"))
        let merged = MergedNotifications(
            count: 13, jobs: 13, firstJobs: [1, 2, 3, 4, 5].map { JobID($0) }, last: 27)
        #expect(first.kind == .started)
        #expect(first.merged == merged)
        // What comes meanwhile is not part of it, and a retry is of all of it.
        try await test.store.record(
            .retry(at: .noon(plusSeconds: 9), reason: "429"), of: first.id, through: merged.last)
        let again = try #require(try await test.store.nextNotification(after: "mallory"))
        #expect(again.id == first.id && again.attempts == 1 && again.merged == merged)
        try await cancelJobs(1, of: "mallory", in: test)
        try await test.store.record(.delivered(at: .noon), of: first.id, through: merged.last)
        let second = try #require(try await test.store.nextNotification(after: "ann"))
        #expect(second.kind == .cancelled && second.merged?.count == 14)
        try await test.store.record(
            .refused(at: .noon, reason: "x"), of: second.id,
            through: try #require(second.merged?.last))
        #expect(try await test.deliverAll().map(\.id) == [25, 26, 29])
    }

    @Test(arguments: StoreKind.both)
    func `ends of verifications and of downloads are different notifications`(
        kind: StoreKind
    ) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await test.runningJob(files: 1)
        _ = try await test.store.claimFiles(of: job.id, limit: 1, at: .noon)
        try await test.store.record(.published(.sample()), of: job.id, position: 0)
        _ = try await test.store.finish(job.id, as: .completed, errorMessage: nil, at: .noon)
        for number in 1...13 {
            let now = Timestamp.noon(plusSeconds: number)
            _ = try #require(try await test.store.beginVerification(of: job.id))
            _ = try await test.store.claimJob(at: now)
            _ = try await test.store.claimFiles(of: job.id, limit: 1, at: now)
            try await test.store.record(.published(.sample()), of: job.id, position: 0)
            _ = try await test.store.finish(job.id, as: .completed, errorMessage: nil, at: now)
        }
        var news = try await test.store.nextNotification()
        while let next = news, next.merged == nil {
            #expect(!next.isAboutVerification)
            try await test.store.record(.delivered(at: .noon), of: next.id)
            news = try await test.store.nextNotification()
        }
        #expect(news?.isAboutVerification == true)
        #expect(news?.merged?.count == 13 && news?.merged?.jobs == 1)
    }

    @Test(arguments: StoreKind.all)
    func `a fact is remembered, replaced and forgotten`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        #expect(try await test.store.value(for: "chat") == nil)
        try await test.store.set("-100123", for: "chat")
        try await test.store.set("", for: "other")
        #expect(try await test.store.value(for: "chat") == "-100123")
        #expect(try await test.store.value(for: "other") == "")
        try await test.store.set("-100456", for: "chat")
        #expect(try await kind.open(test.folder).value(for: "chat") == "-100456")
        try await test.store.set(nil, for: "chat")
        try await test.store.set(nil, for: "chat")
        #expect(try await test.store.value(for: "chat") == nil)
        #expect(try await test.store.value(for: "other") == "")
    }
}
