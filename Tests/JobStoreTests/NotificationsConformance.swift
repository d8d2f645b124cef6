// What every store must do: the outbox, and small facts.

import Datasets
import Jobs
import TestSupport
import Testing

@Suite struct NotificationsConformance {
    @Test(arguments: StoreKind.all)
    func `every change of state has its news, once and in order`(kind: StoreKind) async throws {
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
    func `news shows the job as it was`(kind: StoreKind) async throws {
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
    func `news that is to be tried again keeps its place`(kind: StoreKind) async throws {
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

    @Test(arguments: StoreKind.all)
    func `a fact is remembered, replaced and forgotten`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        #expect(try await test.store.fact("chat") == nil)
        try await test.store.remember("-100123", as: "chat")
        try await test.store.remember("", as: "other")
        #expect(try await test.store.fact("chat") == "-100123")
        #expect(try await test.store.fact("other") == "")
        try await test.store.remember("-100456", as: "chat")
        #expect(try await kind.open(test.folder).fact("chat") == "-100456")
        try await test.store.remember(nil, as: "chat")
        try await test.store.remember(nil, as: "chat")
        #expect(try await test.store.fact("chat") == nil)
        #expect(try await test.store.fact("other") == "")
    }
}
