// Thousands of random operations on the real store and on the one in memory: whatever can be seen
// of the two is the same after each.
//
// TORTURE_ROUNDS, with any value, makes it ten thousand; TORTURE_SEED=17 repeats a run.

import Datasets
import Glibc
import Jobs
import SQLiteStore
import TestSupport
import Testing

/// What can be seen of a store.
enum StoreView {
    /// A job without what the model does not compute.
    static func comparable(_ job: Job) -> Job {
        var job = job
        job.integrity.datasetDigest = job.integrity.datasetDigest == nil ? nil : "some"
        job.integrity.formerDigest = job.integrity.formerDigest == nil ? nil : "some"
        return job
    }

    /// The latest jobs and all about them, line by line.
    static func lines(of store: any ServiceStore, latest: Int64) async throws -> [String] {
        let page = try await store.jobs(matching: JobFilter(), limit: 500, from: .offset(0))
        var lines = ["total \(page.total)"]
        lines += page.jobs.map { "\(comparable($0))" }
        for filter in [
            JobFilter(state: .running), JobFilter(state: .failed, user: "ann"),
            JobFilter(exchange: "bitmex"),
        ] {
            let found = try await store.jobs(matching: filter, limit: 7, from: .offset(1))
            lines.append("\(filter): \(found.jobs.map(\.id)) of \(found.total)")
        }
        for number in max(1, latest - 8)...max(1, latest) {
            lines += try await files(of: JobID(number), in: store)
        }
        if let next = try await store.nextNotification() {
            lines.append(
                "next \(next.id) \(next.kind) \(next.attempts) \(String(describing: next.notBefore))"
                    + " \(comparable(next.job))")
        }
        for name in ["a", "b"] {
            lines.append("fact \(name) \(try await store.value(for: name) ?? "none")")
        }
        return lines
    }

    private static func files(of id: JobID, in store: any ServiceStore) async throws -> [String] {
        let job = try await store.job(id)
        var lines = ["job \(String(describing: job.map(comparable)))"]
        lines += try await store.reports(of: id, in: nil, limit: 100, offset: 0).map { "\($0)" }
        let open: Set<FileState> = [.pending, .running]
        lines.append("open \(try await store.fileCount(of: id, in: open))")
        lines.append(
            "\(try await store.files(of: id, in: [.failed, .ok], limit: 3, offset: 1).map(\.position))"
        )
        lines.append("due \(String(describing: try await store.nextDue(of: id)))")
        let tally = try await store.fileStateCounts(of: id)
        let counts = tally.counts.filter { $0.value > 0 }.map { "\($0.key)=\($0.value)" }.sorted()
        lines.append("tally \(counts) \(tally.failures.map(\.position))")
        if job != nil {
            let list = try await store.checksums(of: id)
            lines.append("sums \(list.sums) gaps \(list.gaps)")
        }
        let file = PlannedFile.sample().file
        lines.append("copies \(try await store.copies(of: file, limit: 3))")
        let sizes = try await store.sizes(of: id).map { size in
            size.own.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        }
        lines.append("sizes \(sizes)")
        return lines
    }
}

@Suite(.timeLimit(.minutes(20)))
struct StoreModelTests {
    private static func number(_ name: String) -> Int? {
        getenv(name).flatMap { Int(String(cString: $0)) }
    }

    @Test func `random operations leave both stores alike`() async throws {
        let steps = Self.number("TORTURE_ROUNDS") == nil ? 1_000 : 10_000
        let seed = UInt64(Self.number("TORTURE_SEED") ?? 1)
        let folder = TemporaryFolder()
        let path = folder.path("downloads.db")
        var real = try SQLiteJobStore(path: path, readers: 1)
        let model = InMemoryJobStore()
        var choices = StoreOperation.Choices(random: SeededGenerator(seed: seed))
        var history: [String] = []
        for step in 0..<steps {
            let operation = StoreOperation.next(&choices)
            history.append(operation.name)
            let (left, right) = (
                await outcome(of: operation, on: real), await outcome(of: operation, on: model)
            )
            let at = "seed \(seed), step \(step), after \(history.suffix(6))"
            try #require(left == right, "\(at)")
            // The model's whole view costs more than a step: every fifth, and the last ones.
            if step.isMultiple(of: 5) || step > steps - 20 {
                let views = (
                    try await StoreView.lines(of: real, latest: choices.jobs),
                    try await StoreView.lines(of: model, latest: choices.jobs)
                )
                let differences = zip(views.0, views.1).filter { $0 != $1 }
                try #require(differences.isEmpty, "\(at): \(differences.prefix(3))")
                try #require(views.0.count == views.1.count, "\(at)")
            }
            // A restart, now and then without a close.
            if step.isMultiple(of: 97) {
                if step.isMultiple(of: 2) { real.close() }
                real = try SQLiteJobStore(path: path, readers: 1)
            }
        }
        real.close()
    }

    private func outcome(
        of operation: StoreOperation, on store: any ServiceStore
    ) async -> String {
        do {
            return try await operation.run(store)
        } catch JobError.storeFailed {
            return "refused"
        } catch {
            return "\(error)"
        }
    }
}
