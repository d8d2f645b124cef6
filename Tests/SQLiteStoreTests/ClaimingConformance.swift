// What every store must do: claim the job whose turn it is, and keep plans piece by piece.

import Datasets
import Jobs
import SQLite
import TestSupport
import Testing

@testable import SQLiteStore

@Suite struct ClaimingConformance {
    /// In random histories, the store claims jobs in the domain's order.
    @Test(arguments: StoreKind.all, UInt64(0)..<20)
    func `claims follow the domain's order`(kind: StoreKind, seed: UInt64) async throws {
        let test = try StoreUnderTest(kind)
        let model = InMemoryJobStore()
        var random = SeededGenerator(seed: seed)
        var running: [JobID] = []
        for step in 0..<60 {
            let now = Timestamp.noon(plusSeconds: step * Int.random(in: 1...400, using: &random))
            switch Int.random(in: 0..<5, using: &random) {
            case 0...2:
                let user = ["ann", "bob", "Éva", ""].randomElement(using: &random) ?? ""
                let priority = Priority(rawValue: .random(in: 0...9, using: &random))!
                let isPaused = Int.random(in: 0..<5, using: &random) == 0
                let job = try await test.store.insert(.sample(user: user), at: now)
                _ = try await model.insert(.sample(user: user), at: now)
                await model.change(job.id) { control in
                    (control.priority, control.isPaused) = (priority, isPaused)
                }
                try await decide(job.id, priority, isPaused, in: test.store)
            case 3:
                let room = Bool.random(using: &random) ? ClaimSlot.regular : .overflow
                let claimed = try await test.store.claimJob(for: room, at: now)
                #expect(try await model.claimJob(for: room, at: now)?.id == claimed?.id)
                if let id = claimed?.id { running.append(id) }
            default:
                guard let id = running.randomElement(using: &random) else { continue }
                running.removeAll { $0 == id }
                for store in [test.store, model] as [any ServiceStore] {
                    _ = try await store.finish(id, as: .failed, errorMessage: "x", at: now)
                }
            }
        }
        let end = Timestamp.noon(plusSeconds: 60 * 400)
        for store in [test.store, model] as [any ServiceStore] {
            try await expectClaims(as: store, says: end)
        }
    }

    /// The number of jobs ahead of each waiting job is that of claims before its own.
    private func expectClaims(as store: any ServiceStore, says now: Timestamp) async throws {
        let pending = JobFilter(state: .pending)
        let jobs = try await store.jobs(matching: pending, limit: 99, from: .offset(0)).jobs
        var ahead: [JobID: Int] = [:]
        for job in jobs { ahead[job.id] = try await store.jobsAhead(of: job.id, at: now) }
        var claims = 0
        while let job = try await store.claimJob(for: .regular, at: now) {
            #expect(ahead[job.id] == claims)
            claims += 1
        }
        let paused = jobs.filter(\.control.isPaused)
        #expect(claims == jobs.count - paused.count)
        #expect(paused.allSatisfy { ahead[$0.id] == 0 })
    }

    @Test(arguments: StoreKind.all)
    func `a job that is pending again waits anew`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        let first = try await test.runningJob(files: 1)
        _ = try await test.store.claimFiles(of: first.id, limit: 1, at: .noon)
        try await test.store.record(.published(.sample()), of: first.id, position: 0)
        _ = try await test.store.finish(first.id, as: .completed, errorMessage: nil, at: .noon)
        let second = try await test.store.insert(.sample(), at: .noon)
        let now = Timestamp.noon(plusSeconds: 1)
        _ = try await test.store.beginVerification(of: first.id, by: .service, at: now)
        #expect(try await test.store.claimJob(at: now)?.id == second.id)
        #expect(try await test.store.claimJob(at: now)?.id == first.id)
    }

    @Test(arguments: StoreKind.all)
    func `a plan is kept piece by piece, each once`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        _ = try await test.store.insert(.sample(days: 5, notes: ["one"]), at: .noon)
        let job = try #require(try await test.store.claimJob(at: .noon))
        #expect(try await test.store.plannedFiles(of: job.id) == [])
        var files = PlannedFile.samples(7)
        files[0] = .sample(state: .unavailable, failure: .notListed)
        files[5] = .sample(on: files[5].file.day, state: .failed, failure: .refused)
        func piece(_ range: Range<Int>) -> PlanBatch {
            PlanBatch(
                at: range.lowerBound, Array(files[range]), ofTotal: 7, notes: ["one", "two"],
                isLast: range.upperBound == 7)
        }
        #expect(try await test.store.save(piece(0..<3), of: job.id))
        #expect(
            try await test.progress(of: job)
                == JobProgress(filesTotal: 7, filesDone: 1, filesUnavailable: 1))
        #expect(try await test.store.plannedFiles(of: job.id) == Set(files[..<3].map(\.file)))
        // These may be fetched already.
        #expect(try await test.store.claimFiles(of: job.id, limit: 9, at: .noon).count == 2)
        try await test.store.record(.published(.sample()), of: job.id, position: 1)
        // Again, and one that begins where files are kept already.
        #expect(try await test.store.save(piece(0..<3), of: job.id))
        #expect(try await test.store.save(piece(2..<5), of: job.id))
        #expect(
            try await test.states(of: job) == [.unavailable, .ok, .running, .pending, .pending])
        await #expect(throws: (any Error).self) {
            try await test.store.finish(job.id, as: .completed, errorMessage: nil, at: .noon)
        }
        #expect(try await test.store.save(piece(5..<7), of: job.id))
        let planned = try #require(try await test.store.job(job.id))
        #expect(
            planned.progress
                == JobProgress(
                    filesTotal: 7, filesDone: 2, filesUnavailable: 1, filesFailed: 1,
                    bytesDone: 1_000, isPlanned: true))
        #expect(planned.notes == ["one", "two"])
        #expect(try await test.store.save(piece(0..<3), of: job.id), "it is planned")
        #expect(try await test.store.job(job.id) == planned)
        let names = try await test.store.files(of: job.id, in: nil, limit: 9, offset: 0)
        #expect(names.map(\.file) == files.map(\.file))
        _ = try await test.store.finish(job.id, as: .cancelled, errorMessage: nil, at: .noon)
        #expect(try await !test.store.save(piece(0..<3), of: job.id))
    }

    /// As other parts of the service will.
    private func decide(
        _ id: JobID, _ priority: Priority, _ isPaused: Bool, in store: any ServiceStore
    ) async throws {
        let database = try #require(store as? SQLiteJobStore)
        try await database.write { database in
            try database.run(
                "UPDATE download_jobs SET priority = ?, paused = ? WHERE id = ?",
                [
                    SQLValue(priority.rawValue), SQLValue(isPaused ? 1 : 0),
                    .integer(id.rawValue),
                ])
        }
    }
}
