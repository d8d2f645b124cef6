// What the queue does to jobs in the store in memory.

package import Datasets
package import Jobs
import Synchronization

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

    package func claimJob(for slot: ClaimSlot, at now: Timestamp) throws -> Job? {
        try begin("claimJob")
        let next = claimOrder(at: now).next(of: waitingJobs, for: slot)
        guard let next, var job = jobs[next.id] else { return nil }
        job.state = .running
        job.control.crashes = 0
        job.startedAt = job.startedAt ?? now
        jobs[job.id] = job
        verifyingSince[job.id] =
            verifying.contains(job.id) ? verifyingSince[job.id] ?? now : nil
        add(.started, to: job.id, by: .service, at: now)
        if !verifying.contains(job.id), announced.insert(job.id).inserted {
            notify(.started, job, at: now)
        }
        return job
    }

    func claimOrder(at now: Timestamp) -> ClaimOrder {
        let running = Dictionary(
            grouping: jobs.values.filter { $0.state == .running }, by: \.createdBy)
        return ClaimOrder(
            running: running.mapValues { own in
                RunningJobs(
                    count: own.count,
                    priorityMax: own.map(\.control.priority).max() ?? .normal)
            }, at: now)
    }

    var waitingJobs: [WaitingJob] {
        jobs.values.filter { $0.state == .pending && !$0.control.isPaused }.map { job in
            WaitingJob(
                id: job.id, user: job.createdBy, priority: job.control.priority,
                since: queued[job.id] ?? job.createdAt)
        }
    }

    package func plannedFiles(of id: JobID) throws -> Set<DatasetFile> {
        try begin("plannedFiles")
        return Set(files[id, default: []].map(\.file))
    }

    package func save(_ batch: PlanBatch, of id: JobID, at now: Timestamp) throws -> Bool {
        try begin("keep")
        guard let job = jobs[id], job.state == .running else { return false }
        if job.progress.isPlanned { return true }
        let kept = files[id]?.count ?? 0
        for (offset, planned) in batch.files.enumerated() where batch.position + offset >= kept {
            let record = FileRecord(
                job: id, position: batch.position + offset, file: planned.file,
                state: planned.state, failure: planned.failure)
            files[id, default: []].append(record)
            if record.state.isFinal { add(record, to: &jobs[id]!.progress) }
        }
        let notes = batch.notes.filter { !job.notes.contains($0) }
        jobs[id]?.notes += notes
        jobs[id]?.progress.filesTotal = batch.filesTotal
        jobs[id]?.progress.isPlanned = batch.isLast
        if batch.isLast {
            add(
                .planned, to: id, by: .service, at: now,
                TextFormat.counted(batch.filesTotal, "file"))
        }
        return true
    }

    package func claimFiles(of id: JobID, limit: Int, at now: Timestamp) throws -> [FileRecord] {
        try begin("claimFiles")
        guard jobs[id]?.state == .running else { return [] }
        var claimed: [FileRecord] = []
        for index in openIndices(of: id) {
            guard claimed.count < limit else { break }
            let record = files[id]![index]
            guard record.state == .pending, (record.notBefore ?? now) <= now else { continue }
            files[id]![index].state = .running
            claimed.append(files[id]![index])
        }
        claimMax = max(claimMax, claimed.count)
        return claimed
    }

    package func nextDue(of id: JobID) throws -> Timestamp? {
        try begin("nextDue")
        var earliest: Timestamp?
        for index in openIndices(of: id) {
            let record = files[id]![index]
            guard record.state == .pending else { continue }
            guard let moment = record.notBefore else { return Timestamp(microseconds: 0) }
            earliest = min(earliest ?? moment, moment)
        }
        return earliest
    }

    func openIndices(of id: JobID) -> Range<Int> {
        guard let records = files[id] else { return 0..<0 }
        let first = records[firstOpen[id, default: 0]...].firstIndex { !$0.state.isFinal }
        firstOpen[id] = first ?? records.endIndex
        return (first ?? records.endIndex)..<records.endIndex
    }

    package func fileStateCounts(of id: JobID) throws -> FileStateCounts {
        try begin("tally")
        let records = files[id, default: []]
        let counts = records.reduce(into: [FileState: Int]()) { $0[$1.state, default: 0] += 1 }
        let failures = records.filter { $0.state == .failed }
        return FileStateCounts(counts: counts, failures: Array(failures.prefix(5)))
    }

    package func finish(
        _ id: JobID, as state: JobState, errorMessage: String?, at now: Timestamp
    ) throws -> Job? {
        try begin("finish")
        guard var job = jobs[id] else { throw JobError.notFound(id) }
        if job.state.isFinal || job.control.isPaused { return nil }
        if !job.state.mayBecome(state) {
            violations.append("job \(id): from \(job.state) to \(state)")
            return nil
        }
        let isWhole =
            job.progress.isPlanned && job.progress.filesDone == job.progress.filesTotal
        if state == .completed, !isWhole {
            violations.append("job \(id): completed with open or failed files")
            throw JobError.storeFailed("job \(id) is not complete")
        }
        job.state = state
        job.completedAt = now
        job.errorMessage = errorMessage
        if verifying.remove(id) != nil {
            job.completedAt = formerEnds[id] ?? now
            endVerification(of: &job, at: now)
        }
        job.integrity.acceptsRevision = false
        job.integrity.isBeingVerified = false
        announced.remove(id)
        setOutcome(of: &job, by: .service, at: now)
        jobs[id] = job
        if let kind = JobNotification.Kind(rawValue: state.rawValue) { notify(kind, job, at: now) }
        if let kind = JobEvent.Kind(rawValue: state.rawValue) {
            add(kind, to: id, by: .service, at: now, errorMessage)
        }
        return job
    }

    package func note(
        _ kind: JobEvent.Kind, about subject: EventSubject, by principal: Principal,
        detail: String, setting values: [String: String?], at now: Timestamp
    ) throws {
        try begin("note")
        for (name, value) in values { facts[name] = value }
        switch subject {
        case .service: add(kind, to: nil, by: principal, at: now, detail)
        case .jobs(let jobs): for id in jobs { add(kind, to: id, by: principal, at: now, detail) }
        }
    }

    package func endUpstreamPause(
        by principal: Principal, detail: String, at now: Timestamp
    ) throws {
        try begin("endUpstreamPause")
        facts[UpstreamPause.untilKey] = nil
        facts[UpstreamPause.reasonKey] = nil
        for (id, records) in files {
            for index in records.indices where records[index].state == .pending {
                files[id]?[index].notBefore = nil
            }
        }
        add(.upstreamResumed, to: nil, by: principal, at: now, detail)
        listener.withLock { $0 }?(Set(jobs.keys))
    }
}
