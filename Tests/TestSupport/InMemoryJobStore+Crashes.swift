// What the store in memory makes of a crash.

package import Datasets
package import Jobs

extension InMemoryJobStore {
    package func recover(after end: ProcessEnd, at now: Timestamp) throws -> Recovery {
        try begin("recover")
        var poisoned: Set<JobID> = []
        if case .crash(let limit, let alone) = end {
            let atWork = running.filter(isAtWork)
            let suspect = atWork.first {
                $0.id == alone && $0.control.crashes >= PoisonJobPolicy.isolationMin
            }
            for job in suspect.map({ [$0] }) ?? atWork {
                if countCrash(of: job.id, limit, at: now) { poisoned.insert(job.id) }
            }
        }
        for id in files.keys {
            changeFiles(of: id) { if $0.state == .running { $0.state = .pending } }
        }
        return Recovery(jobs: running, poisoned: poisoned)
    }

    private var running: [Job] {
        jobs.values.filter { $0.state == .running }.sorted { $0.id < $1.id }
    }

    private func isAtWork(_ job: Job) -> Bool {
        let states = files[job.id]?.map(\.state)
        guard let states else { return true }
        return states.contains(.running) || !states.contains(.pending)
    }

    private func countCrash(of id: JobID, _ limit: PoisonJobPolicy, at now: Timestamp) -> Bool {
        jobs[id]!.control.crashes += 1
        let crashes = jobs[id]!.control.crashes
        let work = files[id, default: []].count { $0.state == .running }
        if crashes >= limit.crashesMax, work > 0 {
            changeFiles(of: id) { record in
                guard record.state == .running else { return }
                record.state = .failed
                record.failure = PoisonJobPolicy.failure(after: crashes)
                record.notBefore = nil
            }
            count(id)
        }
        crashEvents.append(id)
        return limit.isPoisoned(after: crashes, filesGivenUp: work)
    }
}
