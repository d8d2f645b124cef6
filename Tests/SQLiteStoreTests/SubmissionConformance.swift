// What every store must do with submissions: keys, equal requests and limits. The store in memory
// is held to it too, because the API's tests believe it.

import Datasets
import Jobs
import TestSupport
import Testing

extension StoreKind {
    static let both =
        all + [StoreKind(name: "in memory") { _ in InMemoryJobStore() }]
}

extension Submission {
    /// - Parameters:
    ///   - key: with the fingerprint of `content`.
    static func sample(
        _ request: DownloadRequest = .sample(), key: String? = nil, content: UInt8 = 1,
        force: Bool = false, admin: Bool = false, limits: UserQuota = .none
    ) -> Submission {
        Submission(
            request, by: Principal(name: request.createdBy, address: "10.0.0.7", isAdmin: admin),
            isForced: force,
            idempotency: key.map { Idempotency(key: $0, fingerprint: fingerprint(content)) },
            limits: limits)
    }

    static func fingerprint(_ content: UInt8) -> [UInt8] { Array(repeating: content, count: 32) }
}

extension SubmissionOutcome {
    /// `accepted 1`, `duplicate 1`, `replayed 1: pending`, …
    var text: String {
        switch self {
        case .accepted(let job): "accepted \(job.id)"
        case .duplicate(let job): "duplicate \(job.id)"
        case .replayed(let kept):
            "replayed \(kept.job): \(kept.isPaused ? "paused" : kept.state.rawValue)"
                + (kept.isDuplicate ? " again" : "")
        case .keyReused: "key reused"
        case .overLimit(let excess): "\(excess)"
        }
    }
}

@Suite struct SubmissionConformance {
    @Test(arguments: StoreKind.both)
    func `a job has the priority and the pin that were asked for`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        var submission = Submission.sample()
        submission.control.priority = try #require(Priority(rawValue: 8))
        submission.control.isPinned = true
        guard case .accepted(let job) = try await test.store.submit(submission, at: .noon) else {
            Issue.record("not accepted")
            return
        }
        #expect(job.control == JobControl(priority: submission.control.priority, isPinned: true))
        #expect(try await test.store.job(job.id) == job)
    }

    @Test(arguments: StoreKind.both)
    func `a key and its content bring the first answer for a day`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        func submit(
            _ key: String, content: UInt8 = 1, user: String = "intern", after seconds: Int = 0
        ) async throws -> String {
            let submission = Submission.sample(
                .sample(user: user), key: key, content: content, force: true)
            return try await test.store.submit(submission, at: .noon(plusSeconds: seconds)).text
        }
        #expect(try await submit("a") == "accepted 1")
        #expect(try await submit("a", after: 1) == "replayed 1: pending")
        #expect(try await submit("a", content: 2) == "key reused")
        #expect(try await submit("b") == "accepted 2")
        #expect(try await submit("A") == "accepted 3")
        #expect(try await submit("a", user: "bob") == "accepted 4")
        // A job that has gone on and ended is answered as it was.
        _ = try await test.store.claimJob(at: .noon)
        _ = try await test.store.finish(JobID(1), as: .failed, errorMessage: "x", at: .noon)
        #expect(try await submit("a", after: 86_399) == "replayed 1: pending")
        #expect(try await submit("a", content: 2, after: 86_400) == "accepted 5")
        #expect(try await submit("a", content: 2, after: 86_401) == "replayed 5: pending")
    }

    @Test(arguments: StoreKind.both)
    func `a key can be looked up without submitting`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        func look(
            _ key: String, _ content: UInt8, _ user: String = "intern"
        ) async throws -> String? {
            try await test.store.outcome(
                of: key, fingerprint: Submission.fingerprint(content), by: user, at: .noon)?.text
        }
        #expect(try await look("a", 1) == nil)
        _ = try await test.store.submit(.sample(key: "a"), at: .noon)
        #expect(try await look("a", 1) == "replayed 1: pending")
        #expect(try await look("a", 2) == "key reused")
        #expect(try await look("a", 1, "bob") == nil)
        #expect(try await look("b", 1) == nil)
    }

    @Test(arguments: StoreKind.both)
    func `an equal request of the same user leads to the active job`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        func submit(_ request: DownloadRequest, force: Bool = false) async throws -> String {
            try await test.store.submit(.sample(request, force: force), at: .noon).text
        }
        let both = DownloadRequest.sample(
            dataTypes: [.trades, .quotes], symbols: ["BTCUSDT", "ETHUSDT"], days: 2)
        var turned = both
        turned.dataTypes.reverse()
        turned.symbols.reverse()
        turned.notes = ["BTC-USDT is BTCUSDT on binance"]
        #expect(try await submit(both) == "accepted 1")
        #expect(try await submit(turned) == "duplicate 1")
        #expect(try await submit(both, force: true) == "accepted 2")
        #expect(try await submit(both) == "duplicate 1")

        var number = 2
        func expectNew(_ change: (inout DownloadRequest) -> Void) async throws {
            var other = both
            change(&other)
            number += 1
            #expect(try await submit(other) == "accepted \(number)")
        }
        try await expectNew { $0.createdBy = "bob" }
        try await expectNew { $0.exchange = "deribit" }
        try await expectNew { $0.symbols.removeLast() }
        try await expectNew { $0.dataTypes.removeLast() }
        try await expectNew { $0.days = .newYear...(.newYear) }
        try await expectNew { $0.outputPath = "./datasets/eth" }
        // The parts of one request must not run into those of another.
        try await expectNew {
            ($0.symbols, $0.outputPath) = (["BTC", "USDTETHUSDT"], "./datasets")
        }
    }

    @Test(arguments: StoreKind.both)
    func `only an active job is an answer, and one under verification is none`(
        kind: StoreKind
    ) async throws {
        let test = try StoreUnderTest(kind)
        func submit() async throws -> String {
            try await test.store.submit(.sample(), at: .noon).text
        }
        let job = try await test.runningJob(files: 1)
        #expect(try await submit() == "duplicate \(job.id)")
        _ = try await test.store.claimFiles(of: job.id, limit: 1, at: .noon)
        try await test.store.record(.published(.sample()), of: job.id, position: 0)
        _ = try await test.store.finish(job.id, as: .completed, errorMessage: nil, at: .noon)
        #expect(try await submit() == "accepted 2")
        #expect(try await submit() == "duplicate 2")
        _ = try await test.store.finish(JobID(2), as: .cancelled, errorMessage: nil, at: .noon)
        _ = try #require(try await test.store.beginVerification(of: job.id))
        #expect(try await submit() == "accepted 3")
    }

    @Test(arguments: StoreKind.both)
    func `a key keeps the answer about an equal job`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        _ = try await test.store.submit(.sample(), at: .noon)
        #expect(try await test.store.submit(.sample(key: "a"), at: .noon).text == "duplicate 1")
        _ = try await test.store.finish(JobID(1), as: .cancelled, errorMessage: nil, at: .noon)
        #expect(
            try await test.store.submit(.sample(key: "a"), at: .noon).text
                == "replayed 1: pending again")
    }

    @Test(arguments: StoreKind.both)
    func `a key keeps how its job was answered, and nothing that grows with it`(
        kind: StoreKind
    ) async throws {
        let test = try StoreUnderTest(kind)
        var request = DownloadRequest.sample(
            symbols: (0..<1_000).map { "SYMBOL\($0)" }, days: 2, notes: ["one", "two"])
        func kept(_ key: String) async throws -> StoredSubmission? {
            _ = try await test.store.submit(.sample(request, key: key), at: .noon)
            let again = try await test.store.submit(.sample(request, key: key), at: .noon)
            guard case .replayed(let kept) = again else { return nil }
            return kept
        }
        let first = StoredSubmission(
            job: JobID(1), state: .pending, isPaused: false, isDuplicate: false, files: 2_000,
            notes: 2)
        #expect(try await kept("a") == first)
        _ = try await test.store.claimJob(at: .noon)
        _ = try await test.store.execute(
            .pause, on: JobID(1), by: Principal(name: "intern", address: "10.0.0.7"),
            within: .none, at: .noon)
        request.notes = ["one"]
        var second = first
        (second.isPaused, second.isDuplicate, second.notes) = (true, true, 1)
        #expect(try await kept("b") == second)
        // Not the job's own.
        request.notes = ["three"]
        second.notes = 0
        #expect(try await kept("c") == second)
    }

    @Test(arguments: StoreKind.both)
    func `jobs that have not ended are bounded for each user`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        let limits = UserQuota(queuedJobsMax: 2, filesPerDayMax: 0)
        func submit(
            _ user: String = "intern", key: String? = nil, admin: Bool = false
        ) async throws -> String {
            try await test.store.submit(
                .sample(.sample(user: user), key: key, force: true, admin: admin, limits: limits),
                at: .noon
            ).text
        }
        let full = "\(QuotaExceeded.queuedJobs(2, max: 2))"
        #expect(try await submit() == "accepted 1")
        #expect(try await submit(key: "a") == "accepted 2")
        #expect(try await submit() == full)
        // A key that was used, and an equal job, need no room; and a refusal keeps no key.
        #expect(try await submit(key: "a") == "replayed 2: pending")
        #expect(try await submit(key: "b") == full)
        #expect(
            try await test.store.submit(.sample(limits: limits), at: .noon).text == "duplicate 1")
        #expect(try await submit("bob") == "accepted 3")
        #expect(try await submit(admin: true) == "accepted 4")
        // Running jobs count, ended ones do not, and those that come back do.
        _ = try await test.store.claimJob(at: .noon)
        #expect(
            try await submit(key: "b") == "\(QuotaExceeded.queuedJobs(3, max: 2))")
        for id in [1, 2] {
            _ = try await test.store.finish(
                JobID(Int64(id)), as: .cancelled, errorMessage: nil, at: .noon)
        }
        #expect(try await submit(key: "b") == "accepted 5")
        #expect(try await submit() == full)
    }

    @Test(arguments: StoreKind.both)
    func `files are bounded for each user and day`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        let limits = UserQuota(queuedJobsMax: 0, filesPerDayMax: 5)
        func submit(
            _ days: Int, _ user: String = "intern", hours: Int = 0, admin: Bool = false
        ) async throws -> String {
            try await test.store.submit(
                .sample(
                    .sample(days: days, user: user), force: true, admin: admin, limits: limits),
                at: .noon(plusSeconds: hours * 3_600)
            ).text
        }
        #expect(try await submit(3) == "accepted 1")
        #expect(try await submit(3) == "\(QuotaExceeded.filesPerDay(3, used: 3, max: 5))")
        #expect(try await submit(2) == "accepted 2")
        #expect(try await submit(1) == "\(QuotaExceeded.filesPerDay(1, used: 5, max: 5))")
        #expect(try await submit(5, "bob") == "accepted 3")
        #expect(try await submit(50, admin: true) == "accepted 4")
        // An ended job has used up its files all the same; the next day is another one.
        _ = try await test.store.finish(JobID(1), as: .cancelled, errorMessage: nil, at: .noon)
        #expect(
            try await submit(1, hours: 11) == "\(QuotaExceeded.filesPerDay(1, used: 55, max: 5))")
        #expect(
            try await submit(6, hours: 12) == "\(QuotaExceeded.filesPerDay(6, used: 0, max: 5))")
        #expect(try await submit(5, hours: 12) == "accepted 5")
    }

    @Test(arguments: StoreKind.both)
    func `of many equal submissions at once one makes a job`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        func outcomes(_ submission: Submission) async throws -> [String] {
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<50 {
                    group.addTask { try await test.store.submit(submission, at: .noon).text }
                }
                return try await group.reduce(into: []) { $0.append($1) }.sorted()
            }
        }
        #expect(
            try await outcomes(.sample(key: "k", force: true))
                == ["accepted 1"] + Array(repeating: "replayed 1: pending", count: 49))
        #expect(
            try await outcomes(.sample(.sample(days: 2)))
                == ["accepted 2"] + Array(repeating: "duplicate 2", count: 49))
    }
}
