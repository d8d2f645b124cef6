// The history is append-only, also for other programs.

import Datasets
import Jobs
import SQLite
import Synchronization
import TestSupport
import Testing

@testable import SQLiteStore

struct HistoryTests {
    let folder = TemporaryFolder()

    @Test func `an event stays as it was added, as long as there is its job`() async throws {
        let store = try SQLiteJobStore(path: folder.path("downloads.db"), readers: 1)
        defer { store.close() }
        let job = try await store.insert(.sample(), at: .noon)
        try await store.write { database in
            let ann = Principal(name: "ann", address: "10.0.0.7")
            try EventTable.add(.paused, to: job.id, by: ann, at: .noon, in: database)
            try EventTable.add(.limitsChanged, to: nil, by: ann, at: .noon, in: database)
        }
        for statement in [
            "UPDATE job_events SET actor = 'bob'", "DELETE FROM job_events WHERE job_id = 1",
            "DELETE FROM job_events WHERE job_id IS NULL",
        ] {
            await #expect(throws: JobError.self, "\(statement)") {
                try await store.write { try $0.execute(statement) }
            }
        }
        try await store.write { database in
            try database.execute("DELETE FROM download_jobs")
            try database.execute("DELETE FROM job_events WHERE job_id = 1")
        }
        let left = try store.read { try $0.number("SELECT count(*) FROM job_events") }
        #expect(left == 1)
    }

    @Test func `a listener is called when the upstream of a job is paused`() async throws {
        let store = try SQLiteJobStore(path: folder.path("downloads.db"), readers: 1)
        defer { store.close() }
        let job = try await store.insert(.sample(), at: .noon)
        let heard = Mutex<[Set<JobID>]>([])
        store.whenJobsChange { jobs in heard.withLock { $0.append(jobs) } }
        try await store.note(
            .parked, about: .jobs([job.id]), by: .service, detail: "Until noon.",
            setting: ["a": "b"], at: .noon)
        #expect(heard.withLock { $0 } == [[job.id]])
    }

    @Test func `an urgency outside its range and a pause of what does not wait are refused`()
        async throws
    {
        let store = try SQLiteJobStore(path: folder.path("downloads.db"), readers: 1)
        defer { store.close() }
        _ = try await store.insert(.sample(), at: .noon)
        _ = try await store.claimJob(at: .noon)
        for change in ["priority = 10", "priority = -1", "paused = 1", "pinned = 2"] {
            await #expect(throws: JobError.self, "\(change)") {
                try await store.write { try $0.execute("UPDATE download_jobs SET \(change)") }
            }
        }
    }
}
