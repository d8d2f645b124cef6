// What every store must do when jobs are listed page after page, and when somebody waits for one to
// change.

import Datasets
import Jobs
import Synchronization
import TestSupport
import Testing

extension StoreKind {
    /// The stores on disk, and the model that other tests use in their place.
    static let allAndModel = all + [StoreKind(name: "memory") { _ in InMemoryJobStore() }]
}

@Suite struct PagingConformance {
    private static let filters: [JobFilter] = [nil, JobState.pending, .completed].flatMap { state in
        [nil, "ann", "bob"].flatMap { user in
            [nil, "binance", "deribit"].map { exchange in
                JobFilter(state: state, user: user, exchange: exchange)
            }
        }
    }

    /// Jobs of two users on two exchanges, a third of them completed.
    private func fill(_ store: any ServiceStore, _ count: Int) async throws {
        var generator = SeededGenerator(seed: 41)
        for number in 0..<count {
            let request = DownloadRequest.sample(
                exchange: ["binance", "deribit"].randomElement(using: &generator)!,
                user: ["ann", "bob"].randomElement(using: &generator)!)
            let job = try await store.insert(request, at: .noon)
            guard number % 3 == 0, let claimed = try await store.claimJob(at: .noon) else {
                continue
            }
            #expect(claimed.id <= job.id)
            try await store.expand(claimed.id, into: PlannedFile.samples(1), notes: [])
            _ = try await store.claimFiles(of: claimed.id, limit: 1, at: .noon)
            try await store.record(.published(.sample()), of: claimed.id, position: 0)
            _ = try await store.finish(claimed.id, as: .completed, errorMessage: nil, at: .noon)
        }
    }

    @Test(arguments: StoreKind.allAndModel)
    func `pages by cursor are the whole list, with any filter`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        try await fill(test.store, 47)
        let all = try await test.store.jobs(matching: JobFilter(), limit: 500, from: .offset(0))
            .jobs
        #expect(all.count == 47)
        for filter in PagingConformance.filters {
            let wanted = all.filter { job in
                (filter.state ?? job.state) == job.state
                    && (filter.user ?? job.createdBy) == job.createdBy
                    && (filter.exchange ?? job.exchange) == job.exchange
            }
            var found: [Job] = []
            var start = JobPageStart.offset(0)
            repeat {
                let page = try await test.store.jobs(matching: filter, limit: 4, from: start)
                #expect(page.total == wanted.count)
                #expect(page.next == nil || page.jobs.count == 4)
                found += page.jobs
                guard let next = page.next else { break }
                start = .before(next)
            } while true
            #expect(found == wanted, "\(filter)")
            let offset = try await test.store.jobs(matching: filter, limit: 4, from: .offset(2))
            #expect(offset.jobs == Array(wanted.dropFirst(2).prefix(4)))
            #expect((offset.next != nil) == (wanted.count > 6))
            #expect(offset.total == wanted.count)
        }
    }

    @Test(arguments: StoreKind.allAndModel)
    func `jobs that are submitted meanwhile change no further page`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        for _ in 0..<6 { _ = try await test.store.insert(.sample(), at: .noon) }
        let first = try await test.store.jobs(matching: JobFilter(), limit: 3, from: .offset(0))
        #expect(first.jobs.map(\.id.rawValue) == [6, 5, 4])
        for _ in 0..<6 { _ = try await test.store.insert(.sample(), at: .noon) }
        let second = try await test.store.jobs(
            matching: JobFilter(), limit: 3, from: .before(try #require(first.next)))
        #expect(second.jobs.map(\.id.rawValue) == [3, 2, 1])
        #expect(second.next == nil)
        #expect(second.total == 12)
    }

    @Test(arguments: StoreKind.allAndModel)
    func `a cursor behind the end, or of a job that has gone, is a page too`(
        kind: StoreKind
    ) async throws {
        let test = try StoreUnderTest(kind)
        for _ in 0..<3 { _ = try await test.store.insert(.sample(), at: .noon) }
        func ids(_ before: Int64) async throws -> [Int64] {
            try await test.store.jobs(matching: JobFilter(), limit: 9, from: .before(JobID(before)))
                .jobs.map(\.id.rawValue)
        }
        #expect(try await ids(1) == [])
        #expect(try await ids(99) == [3, 2, 1])
        #expect(try await ids(3) == [2, 1])
    }

    @Test(arguments: StoreKind.allAndModel)
    func `every change of a job is told, and shows when it is looked for then`(
        kind: StoreKind
    ) async throws {
        let test = try StoreUnderTest(kind)
        let told = Mutex<Set<JobID>>([])
        test.store.whenJobsChange { jobs in told.withLock { $0.formUnion(jobs) } }
        func changed(_ change: () async throws -> Void) async throws -> Set<JobID> {
            told.withLock { $0 = [] }
            try await change()
            return told.withLock { $0 }
        }
        let first = try await test.store.insert(.sample(), at: .noon)
        let second = try await test.store.insert(.sample(), at: .noon)
        #expect(told.withLock { $0.isSuperset(of: [first.id, second.id]) })
        _ = try await test.store.job(first.id)
        #expect(
            try await changed { _ = try await test.store.claimJob(at: .noon) }.contains(first.id))
        #expect(try await test.store.job(first.id)?.state == .running)
        #expect(
            try await changed {
                try await test.store.expand(first.id, into: PlannedFile.samples(2), notes: [])
            }.contains(first.id))
        _ = try await test.store.claimFiles(of: first.id, limit: 2, at: .noon)
        #expect(
            try await changed {
                try await test.store.record(.published(.sample()), of: first.id, position: 0)
            }.contains(first.id))
        #expect(try await test.store.job(first.id)?.progress.filesDone == 1)
    }
}
