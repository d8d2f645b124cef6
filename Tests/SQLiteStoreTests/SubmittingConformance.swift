// What every store must do: submitting jobs and looking at them.

import Datasets
import Jobs
import TestSupport
import Testing

@Suite struct SubmittingConformance {
    @Test(arguments: StoreKind.all)
    func `a new job is pending and holds what was asked for`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        let request = DownloadRequest.sample(
            dataTypes: [.trades, .incrementalBookL2], symbols: ["BTCUSDT", "ETHUSDT"], days: 3,
            notes: ["BTC-USDT is BTCUSDT on binance"])
        let job = try await test.store.insert(request, at: .noon)
        #expect(
            job
                == Job(
                    id: JobID(1), state: .pending, exchange: "binance",
                    dataTypes: ["trades", "incremental_book_L2"],
                    symbols: ["BTCUSDT", "ETHUSDT"], startDate: "2024-01-01",
                    endDate: "2024-01-03", outputPath: "./datasets/btc", createdAt: .noon,
                    createdBy: "intern", notes: ["BTC-USDT is BTCUSDT on binance"],
                    progress: JobProgress(filesTotal: 12)))
        #expect(try await test.store.job(job.id) == job)
        #expect(try await test.store.files(of: job.id, in: nil, limit: 9, offset: 0).isEmpty)
        #expect(try await test.store.nextNotification() == nil)
    }

    @Test(arguments: StoreKind.all)
    func `a job shows its first symbols, and all are at hand`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        let symbols = (1...2_000).map { "BTC-\($0)" }
        let id = try await test.store.insert(.sample(symbols: symbols), at: .noon).id
        #expect(try await test.store.symbols(of: id) == symbols)
        #expect(try await test.store.symbols(of: JobID(9)).isEmpty)
        for _ in 0..<2 {
            let job = try #require(try await test.store.job(id))
            #expect(job.symbols == Array(symbols.prefix(Job.symbolsShown)))
            #expect(job.symbolsTotal == symbols.count)
        }
        let page = try await test.store.jobs(matching: JobFilter(), limit: 9, from: .offset(0))
        #expect(page.jobs.map(\.symbols.count) == [Job.symbolsShown])
        #expect(page.jobs.map(\.symbolsTotal) == [symbols.count])
    }

    @Test(arguments: StoreKind.all)
    func `ids follow the order of submission`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        for number in 1...5 {
            #expect(try await test.store.insert(.sample(), at: .noon).id == JobID(Int64(number)))
        }
        #expect(try await test.store.job(JobID(6)) == nil)
        #expect(try await test.store.job(JobID(-1)) == nil)
        #expect(try await test.store.job(JobID(.max)) == nil)
    }

    @Test(arguments: StoreKind.all)
    func `jobs submitted at once are all kept, each once`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        let ids = try await withThrowingTaskGroup(of: JobID.self) { group in
            for number in 0..<100 {
                group.addTask {
                    try await test.store.insert(.sample(user: "user\(number)"), at: .noon).id
                }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(ids.count == 100)
        let page = try await test.store.jobs(matching: JobFilter(), limit: 500, from: .offset(0))
        #expect(page.total == 100)
        #expect(Set(page.jobs.map(\.createdBy)).count == 100)
    }

    @Test(arguments: StoreKind.all)
    func `text of any kind comes back as it was`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        let odd = ["", "\"", "\\", "a\nb\tc\u{0}d", "Ω≈ç", "😀", "[\"x\"]", "'; DROP TABLE jobs"]
        var request = DownloadRequest.sample(symbols: odd, user: "O'Brien 😀", notes: odd)
        request.outputPath = "./datasets/ünï \"code\""
        let job = try await test.store.insert(request, at: .noon)
        #expect(job.symbols == odd)
        #expect(job.notes == odd)
        #expect(job.createdBy == "O'Brien 😀")
        #expect(job.outputPath == "./datasets/ünï \"code\"")
        let page = try await test.store.jobs(
            matching: JobFilter(user: "O'Brien 😀"), limit: 10, from: .offset(0))
        #expect(page.jobs == [job])
    }

    @Test(arguments: StoreKind.all)
    func `a page shows the newest first and counts them all`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        for number in 0..<7 {
            _ = try await test.store.insert(.sample(), at: .noon(plusSeconds: number))
        }
        func page(_ limit: Int, _ offset: Int) async throws -> ([Int64], Int) {
            let page = try await test.store.jobs(
                matching: JobFilter(), limit: limit, from: .offset(offset))
            return (page.jobs.map(\.id.rawValue), page.total)
        }
        #expect(try await page(3, 0) == ([7, 6, 5], 7))
        #expect(try await page(3, 6) == ([1], 7))
        #expect(try await page(3, 7) == ([], 7))
        #expect(try await page(0, 0) == ([], 7))
    }

    @Test(arguments: StoreKind.all)
    func `filters combine, and the total follows them`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        for exchange in ["binance", "deribit"] {
            for user in ["alice", "bob"] {
                for _ in 0..<2 {
                    _ = try await test.store.insert(
                        .sample(exchange: exchange, user: user), at: .noon)
                }
            }
        }
        _ = try await test.store.claimJob(at: .noon)
        func found(_ filter: JobFilter) async throws -> ([Int64], Int) {
            let page = try await test.store.jobs(matching: filter, limit: 3, from: .offset(0))
            return (page.jobs.map(\.id.rawValue), page.total)
        }
        #expect(try await found(JobFilter(state: .running)) == ([1], 1))
        #expect(try await found(JobFilter(state: .pending)) == ([8, 7, 6], 7))
        #expect(try await found(JobFilter(user: "alice")) == ([6, 5, 2], 4))
        #expect(try await found(JobFilter(exchange: "deribit")) == ([8, 7, 6], 4))
        #expect(try await found(JobFilter(user: "alice", exchange: "binance")) == ([2, 1], 2))
        #expect(
            try await found(JobFilter(state: .pending, user: "alice", exchange: "binance"))
                == ([2], 1))
        #expect(try await found(JobFilter(state: .failed)) == ([], 0))
        #expect(try await found(JobFilter(user: "ALICE")) == ([], 0))
    }

    @Test(arguments: StoreKind.all)
    func `files are shown by position, by state and by page`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await test.runningJob(files: 6)
        _ = try await test.store.claimFiles(of: job.id, limit: 2, at: .noon)
        try await test.store.record(.failed(.refused), of: job.id, position: 1)
        func positions(_ states: Set<FileState>?, _ limit: Int, _ offset: Int) async throws -> [Int]
        {
            try await test.store.files(of: job.id, in: states, limit: limit, offset: offset)
                .map(\.position)
        }
        #expect(try await positions(nil, 100, 0) == [0, 1, 2, 3, 4, 5])
        #expect(try await positions(nil, 2, 3) == [3, 4])
        #expect(try await positions([.pending], 2, 1) == [3, 4])
        #expect(try await positions([.running, .failed], 9, 0) == [0, 1])
        #expect(try await positions([], 9, 0) == [])
    }

    @Test(arguments: StoreKind.all)
    func `the store answers when asked whether it does`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        try await test.store.probe()
        _ = try await test.store.insert(.sample(), at: .noon)
        try await test.store.probe()
    }
}
