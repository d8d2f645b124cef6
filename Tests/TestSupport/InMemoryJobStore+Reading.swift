// Lists, files and history of the store in memory.

package import Datasets
package import Jobs
import Synchronization

extension InMemoryJobStore {
    package func jobs(
        matching filter: JobFilter, limit: Int, from start: JobPageStart
    ) throws -> JobPage {
        try begin("jobs")
        let matches = self.matches(filter).map(\.asShown)
        let rest =
            switch start {
            case .offset(let offset): matches.dropFirst(offset)
            case .before(let id): matches.filter { $0.id < id }[...]
            }
        return JobPage(
            reading: Array(rest.prefix(limit + 1)), limit: limit, total: matches.count)
    }

    package nonisolated func whenJobsChange(_ tell: @escaping @Sendable (Set<JobID>) -> Void) {
        listener.withLock { $0 = tell }
    }

    package func reports(
        of id: JobID, in states: Set<FileState>?, limit: Int, offset: Int
    ) throws -> [FileReport] {
        try files(of: id, in: states, limit: limit, offset: offset).map { record in
            let all = attempts[id]?[record.position] ?? []
            return FileReport(
                record: record, attempts: all.suffix(FileReport.attemptsMax),
                attemptsTotal: all.count)
        }
    }

    package func fileCount(of id: JobID, in states: Set<FileState>?) throws -> Int {
        files[id, default: []].count { states?.contains($0.state) ?? true }
    }

    package func checksums(of id: JobID) throws -> ChecksumList {
        guard let job = jobs[id] else { throw JobError.notFound(id) }
        return checksums(of: job)
    }

    package func jobsAhead(of id: JobID, at now: Timestamp) throws -> Int {
        try begin("jobsAhead")
        return claimOrder(at: now).jobsAhead(of: id, in: waitingJobs)
    }

    package func events(of id: JobID?, limit: Int, offset: Int) throws -> EventPage {
        try begin("events")
        let all = id == nil ? events.reversed() : events.filter { $0.job == id }
        return EventPage(events: Array(all.dropFirst(offset).prefix(limit)), total: all.count)
    }

    package func lastEvent(of id: JobID, _ kind: JobEvent.Kind) throws -> JobEvent? {
        try begin("lastEvent")
        return events.last { $0.job == id && $0.kind == kind }
    }
}
