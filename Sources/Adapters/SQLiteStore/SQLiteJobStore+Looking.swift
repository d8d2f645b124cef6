// Looking at jobs. It must not know what runs them.

package import Jobs
import SQLite

extension SQLiteJobStore {
    package func job(_ id: JobID) async throws -> Job? {
        if let remembered = cache.job(id) { return remembered.job }
        let writes = cache.writes
        let job = try read { database in
            try database.first(
                "SELECT \(JobTable.columns) FROM download_jobs WHERE id = ?",
                [.integer(id.rawValue)]
            ) { try JobTable.job(in: $0) }
        }
        if let job { cache.keep(job, readAfter: writes) }
        return job
    }

    package func symbols(of id: JobID) async throws -> [String] {
        try read { database in
            try database.first(
                "SELECT symbols FROM download_jobs WHERE id = ?", [.integer(id.rawValue)]
            ) { StringList.elements(of: $0.text(0)) } ?? []
        }
    }

    package func jobInMemory(_ id: JobID) -> CachedJob? {
        cache.job(id)
    }
}
