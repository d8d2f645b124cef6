// What keeps a large SQLite file quick and small: indexes, counts, and room that is given back.

import Datasets
import Jobs
import SQLite
import TestSupport
import Testing

@testable import SQLiteStore

@Suite struct GrowthTests {
    let folder = TemporaryFolder()
    var path: String { folder.path("downloads.db") }

    private static let filters: [JobFilter] = [nil, JobState.failed].flatMap { state in
        [nil, "ann"].flatMap { user in
            [nil, "binance"].map { JobFilter(state: state, user: user, exchange: $0) }
        }
    }

    @Test(arguments: filters, [nil, JobID(7)])
    func `every page of every filter is read off an index`(
        filter: JobFilter, before: JobID?
    ) throws {
        try SQLiteJobStore(path: path, readers: 1).close()
        let database = try Database(path: path, access: .readWrite)
        let listing = JobListing(filter, before: before)
        let plan = try database.rows(
            "EXPLAIN QUERY PLAN " + listing.query, listing.values + [.integer(50), .integer(0)]
        ) { $0.text(3) }
        let columns = [
            filter.state.map { _ in "status=?" }, filter.user.map { _ in "created_by=?" },
            filter.exchange.map { _ in "exchange=?" },
        ].compactMap { $0 }
        let isMerged = filter.state == nil && !columns.isEmpty
        let looks = plan.filter { $0.contains("download_jobs") }
        let found = isMerged ? looks.filter { $0.contains("status=?") } : looks
        #expect(found.count == (isMerged ? JobState.allCases.count : 1), "\(plan)")
        for look in found {
            // Each condition is one of the index's columns: nothing is read and thrown away.
            for column in columns { #expect(look.contains(column), "\(plan)") }
            if before != nil { #expect(look.contains(columns.isEmpty ? "rowid<?" : "id<?")) }
            #expect(columns.isEmpty || look.contains("INDEX"), "\(plan)")
        }
        guard isMerged else {
            #expect(plan.count == 1, "\(plan)")
            return
        }
        // The lists of ids are merged as they are read, and only the page's jobs are looked up.
        #expect(found.allSatisfy { $0.contains("COVERING") }, "\(plan)")
        #expect(plan.contains { $0.hasPrefix("MERGE") }, "\(plan)")
        #expect(looks.count == found.count + 1 && looks.last?.contains("(rowid=?)") == true)
    }

    @Test(arguments: filters)
    func `no count looks at a job`(filter: JobFilter) throws {
        try SQLiteJobStore(path: path, readers: 1).close()
        let database = try Database(path: path, access: .readWrite)
        let count = JobListing(filter).count
        let plan = try database.rows("EXPLAIN QUERY PLAN " + count.query, count.values) {
            $0.text(3)
        }
        #expect(plan.allSatisfy { $0.contains("job_counts") }, "\(plan)")
        #expect(filter.user == nil || plan.allSatisfy { $0.contains("SEARCH") }, "\(plan)")
    }

    @Test func `counts follow every write, also of other programs`() throws {
        try SQLiteJobStore(path: path, readers: 1).close()
        let database = try Database(path: path, access: .readWrite)
        var generator = SeededGenerator(seed: 7)
        for round in 0..<300 {
            let user = ["ann", "bob"].randomElement(using: &generator)!
            let exchange = ["binance", "deribit"].randomElement(using: &generator)!
            switch Int.random(in: 0..<4, using: &generator) {
            case 0, 1:
                try database.execute(
                    """
                    INSERT INTO download_jobs (status, exchange, data_types, symbols, start_date,
                        end_date, output_path, created_at, created_by)
                    VALUES ('pending', '\(exchange)', '[]', '[]', 'a', 'b', '.', 'now', '\(user)')
                    """)
            case 2:
                try database.execute(
                    """
                    UPDATE download_jobs SET status = 'failed', completed_at = 'now',
                        created_by = '\(user)' WHERE id = (
                            SELECT id FROM download_jobs ORDER BY id % \(round + 2) LIMIT 1)
                    """)
            default:
                try database.execute(
                    """
                    DELETE FROM download_jobs WHERE id = (
                        SELECT id FROM download_jobs ORDER BY id % \(round + 3) LIMIT 1)
                    """)
            }
        }
        let counted = try database.rows(
            "SELECT created_by, exchange, status, jobs FROM job_counts ORDER BY 1, 2, 3"
        ) { "\($0.text(0)) \($0.text(1)) \($0.text(2)) \($0.integer(3))" }
        .filter { !$0.hasSuffix(" 0") }
        let real = try database.rows(
            """
            SELECT created_by, exchange, status, count(*) FROM download_jobs
            GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
            """
        ) { "\($0.text(0)) \($0.text(1)) \($0.text(2)) \($0.integer(3))" }
        #expect(counted == real)
        #expect(!real.isEmpty)
        let sums = [
            "SELECT sum(jobs) FROM job_counts", "SELECT sum(jobs) FROM job_counts_by_exchange",
            "SELECT count(*) FROM download_jobs",
        ]
        #expect(Set(try sums.map { try database.number($0) }).count == 1)
    }

    @Test func `what is counted for a user goes with the user's last job`() async throws {
        let store = try SQLiteJobStore(path: path, readers: 1)
        let database = try Database(path: path, access: .readWrite)
        for user in ["ann", "bob"] {
            for exchange in ["binance", "deribit"] {
                var request = DownloadRequest.sample(days: 1)
                request.exchange = exchange
                request.createdBy = user
                _ = try await store.insert(request, at: .noon)
            }
        }
        func users() throws -> [String] {
            try database.rows(
                """
                SELECT DISTINCT user FROM (SELECT user FROM user_usage
                    UNION ALL SELECT created_by FROM job_counts) ORDER BY 1
                """
            ) { $0.text(0) }
        }
        try database.execute(
            "UPDATE download_jobs SET status = 'failed', completed_at = 'now'")
        try database.execute(
            "DELETE FROM download_jobs WHERE created_by = 'ann' AND exchange = 'binance'")
        #expect(try users() == ["ann", "bob"])
        try database.execute("DELETE FROM download_jobs WHERE created_by = 'ann'")
        #expect(try users() == ["bob"])
    }

    /// The predecessor's table with its first columns, which are enough.
    private func makePredecessor(_ rows: String) throws {
        let database = try Database(path: path, access: .readWrite)
        try database.execute(
            """
            CREATE TABLE download_jobs (id INTEGER PRIMARY KEY, status TEXT, created_by TEXT,
                completed_at TEXT, created_at TEXT);
            INSERT INTO download_jobs (status, created_by, completed_at, created_at) VALUES \(rows)
            """)
        database.close()
    }

    @Test func `the predecessor's jobs are counted, under one spelling of each name`() async throws
    {
        let (composed, apart) = ("jos\u{E9}", "jose\u{301}")
        try makePredecessor(
            """
            ('pending', '\(composed)', NULL, 'now'), ('pending', '\(apart)', NULL, 'now'),
            ('running', '\(apart)', NULL, 'now'), ('failed', '\(apart)', 'now', 'now')
            """)
        let store = try SQLiteJobStore(path: path, readers: 1)
        defer { store.close() }
        let waiting = JobFilter(state: .pending, user: composed)
        #expect(try await store.jobs(matching: waiting, limit: 9, from: .offset(0)).total == 2)
        #expect(try await store.jobs(matching: JobFilter(), limit: 9, from: .offset(0)).total == 4)
        let usage = try store.read { database in
            try database.rows("SELECT user, active_jobs FROM user_usage") {
                [$0.text(0), "\($0.integer(1))"]
            }
        }
        #expect(usage == [[composed, "3"]])
        let left = try store.read {
            try $0.number("SELECT count(*) FROM job_counts WHERE created_by = ?", [.text(apart)])
        }
        #expect(left == 0)
    }

    @Test func `the predecessor's jobs have their full time from the upgrade on`() async throws {
        let moment = "2020-01-01 00:00:00.000000"
        try makePredecessor("('failed', 'ann', '\(moment)', '\(moment)')")
        let store = try SQLiteJobStore(path: path, readers: 1)
        defer { store.close() }
        try await store.write { database in
            try database.execute(
                """
                INSERT INTO download_jobs (status, exchange, data_types, symbols, start_date,
                    end_date, output_path, created_at, created_by, completed_at)
                VALUES ('failed', 'binance', '[]', '[]', 'a', 'b', '.', '\(moment)', 'ann',
                    '\(moment)')
                """)
        }
        func expired(_ moment: String) async throws -> [Int64] {
            try await store.expiredJobs(
                endedBefore: try #require(Timestamp(moment)), after: nil, limit: 9
            ).map(\.id.rawValue)
        }
        // No clock that this can run at is before 2025, nor will it be after 2200.
        #expect(try await expired("2025-01-01T00:00:00Z") == [2])
        #expect(try await expired("2200-01-01T00:00:00Z") == [1, 2])
    }

    @Test func `a write tells of the jobs that it changed, and of no others`() async throws {
        let store = try SQLiteJobStore(path: path, readers: 1)
        defer { store.close() }
        for _ in 0..<3 { _ = try await store.insert(.sample(), at: .noon) }
        for id in 1...3 { _ = try await store.job(JobID(Int64(id))) }
        _ = try await store.claimJob(at: .noon)
        // The others are still answered from memory.
        #expect(store.cache.job(JobID(1)) == nil)
        #expect(store.cache.job(JobID(2)) != nil)
        #expect(store.cache.job(JobID(3)) != nil)
    }

    @Test func `a new file, and a small old one, can shrink`() throws {
        try SQLiteJobStore(path: path, readers: 1).close()
        let database = try Database(path: path, access: .plain)
        #expect(try database.number("PRAGMA auto_vacuum") == 2)
        database.close()

        let old = folder.path("old.db")
        writeFile([], to: old)
        let earlier = try Database(path: old, access: .plain)
        try earlier.execute("CREATE TABLE other (x); INSERT INTO other VALUES (7)")
        #expect(try earlier.number("PRAGMA auto_vacuum") == 0)
        earlier.close()
        try SQLiteJobStore(path: old, readers: 1).close()
        let rebuilt = try Database(path: old, access: .plain)
        #expect(try rebuilt.number("PRAGMA auto_vacuum") == 2)
        #expect(try rebuilt.number("SELECT x FROM other") == 7)
        #expect(try rebuilt.problems(thorough: true) == [])
    }

    @Test func `the file shrinks to what it was when its jobs have gone`() async throws {
        let store = try SQLiteJobStore(path: path, readers: 1)
        defer { store.close() }
        func pages() throws -> Int64 { try store.read { try $0.number("PRAGMA page_count") } }
        func removeAll() async throws {
            let moment = Timestamp.noon(plusSeconds: 60)
            while true {
                let jobs = try await store.expiredJobs(
                    endedBefore: moment, after: nil, limit: 100)
                if jobs.isEmpty { break }
                _ = try await store.remove(jobs, endedBefore: moment, rowsMax: 1_000, at: moment)
            }
            while try await store.trimRemovals(to: 0) {}
            while try await store.maintain() {}
        }
        let before = try pages()
        var peaks: [Int64] = []
        for _ in 0..<3 {
            for _ in 0..<8 { try await endedJob(in: store, files: 4_000) }
            peaks.append(try pages())
            try await removeAll()
            #expect(try pages() <= before + 256 + 16)
        }
        #expect(peaks[0] > before + 600)
        // What came and went twice needs no more room than once.
        #expect(peaks[2] <= peaks[0] + 256)
        let database = try Database(path: path, access: .plain)
        #expect(try database.problems(thorough: true) == [])
    }

    private func endedJob(in store: SQLiteJobStore, files: Int) async throws {
        _ = try await store.insert(.sample(days: files), at: .noon)
        let job = try #require(try await store.claimJob(at: .noon))
        try await store.expand(job.id, into: PlannedFile.samples(files), notes: [])
        try await store.endRemainingFiles(of: job.id, as: .failed, because: .refused)
        _ = try await store.finish(job.id, as: .failed, errorMessage: nil, at: .noon)
        while let notification = try await store.nextNotification() {
            try await store.record(.delivered(at: .noon), of: notification.id)
        }
    }
}
