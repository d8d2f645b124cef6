// What the slow store passes on of listing and retention.

import Datasets
import Jobs
import TestSupport

extension SlowStore {
    func jobs(matching filter: JobFilter, limit: Int, before: JobID?) async throws -> JobPage {
        try await slowly {
            try await store.jobs(matching: filter, limit: limit, before: before)
        }
    }

    func whenJobsChange(_ tell: @escaping @Sendable (Set<JobID>) -> Void) {
        store.whenJobsChange(tell)
    }

    func expiredJobs(
        endedBefore moment: Timestamp, after: ExpiredJob?, limit: Int
    ) async throws -> [ExpiredJob] {
        try await slowly {
            try await store.expiredJobs(endedBefore: moment, after: after, limit: limit)
        }
    }

    func users(of file: DatasetFile, besides id: JobID) async throws -> FileReferences {
        try await slowly { try await store.users(of: file, besides: id) }
    }

    func remove(
        _ jobs: [ExpiredJob], endedBefore moment: Timestamp, rowsMax: Int, at now: Timestamp
    ) async throws -> RemovalStep {
        try await slowly {
            try await store.remove(jobs, endedBefore: moment, rowsMax: rowsMax, at: now)
        }
    }

    func trimRemovals(to count: Int) async throws -> Bool {
        try await slowly { try await store.trimRemovals(to: count) }
    }

    func shrink() async throws -> Bool {
        try await slowly { try await store.shrink() }
    }
}
