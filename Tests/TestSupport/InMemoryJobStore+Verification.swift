// Verifications, gaps and digests of the store in memory.

import Crypto
package import Datasets
package import Jobs

extension InMemoryJobStore {
    package func beginVerification(
        of id: JobID, by principal: Principal, acceptsRevision: Bool, at now: Timestamp
    ) throws -> Job? {
        try begin("beginVerification")
        guard var job = jobs[id] else { throw JobError.notFound(id) }
        func wasPublished(_ record: FileRecord) -> Bool {
            record.checksum != nil || record.state == .failed && record.expectedSHA256 != nil
        }
        let hasProofs = files[id, default: []].contains(where: wasPublished)
        guard job.state == .completed || job.state == .failed, hasProofs else { return nil }
        for record in files[id, default: []] {
            guard let proof = record.checksum else { continue }
            origins[id, default: [:]][record.position] = proof.origin
        }
        changeFiles(of: id) { record in
            guard wasPublished(record) else { return }
            record.expectedSHA256 = record.checksum?.sha256 ?? record.expectedSHA256
            (record.state, record.attempts, record.checksum) = (.pending, 0, nil)
            (record.failure, record.finding, record.isRevised) = (nil, nil, false)
        }
        firstOpen[id] = nil
        formerEnds[id] = job.completedAt
        verifyingSince[id] = nil
        (job.state, job.completedAt, job.errorMessage) = (.pending, nil, nil)
        job.integrity.acceptsRevision = acceptsRevision
        job.integrity.isBeingVerified = true
        jobs[id] = job
        verifying.insert(id)
        queued[id] = now
        add(.verifying, to: id, by: principal, at: now)
        count(id)
        return jobs[id]
    }

    /// What a verification found that ends now.
    func endVerification(of job: inout Job, at now: Timestamp) {
        let records = files[job.id, default: []]
        let found = JobVerification(
            startedAt: verifyingSince[job.id], endedAt: now,
            filesChecked: records.count { $0.checksum != nil || $0.expectedSHA256 != nil },
            filesDamaged: records.count { $0.finding == .damaged },
            filesMissing: records.count { $0.finding == .missing },
            filesChanged: records.count { $0.isRevised })
        job.integrity.verifiedAt = now
        // A store on disk tells one that found no files from none by their number.
        job.integrity.verification = found.filesChecked > 0 ? found : nil
        job.integrity.filesRepaired = records.count {
            $0.finding != nil && !$0.isRevised && $0.checksum != nil
        }
        add(.verified, to: job.id, by: .service, at: now)
    }

    package func acceptGaps(
        of id: JobID, named names: [String]?, by principal: Principal, at now: Timestamp
    ) throws -> JobActionResult {
        try begin("acceptGaps")
        guard var job = jobs[id] else { throw JobError.notFound(id) }
        if let objection = Gaps.objection(to: job) {
            return JobActionResult(.refuse(objection), job)
        }
        let failed = InMemoryJobStore.byName(files[id, default: []].filter { $0.state == .failed })
        let candidates = failed.map { record in
            GapCandidate(
                record: record,
                refusals: (attempts[id]?[record.position] ?? [])
                    .filter { Gaps.codes.contains($0.code ?? "") }.map(\.span.began),
                hasOtherDays: files.values.joined().contains { other in
                    other.state == .ok && other.file.day != record.file.day
                        && [other.file.exchange, other.file.dataType.name, other.file.symbol]
                            == [
                                record.file.exchange, record.file.dataType.name, record.file.symbol,
                            ]
                })
        }
        let chosen: [FileRecord]
        switch Gaps.choice(of: candidates, named: names, job: id, at: now) {
        case .failure(let refusal):
            return JobActionResult(.refuse(refusal.description), job)
        case .success(let files): chosen = files
        }
        let positions = Set(chosen.map(\.position))
        changeFiles(of: id) { record in
            guard positions.contains(record.position) else { return }
            record.failure = Gaps.acceptance(of: record.failure, by: principal, at: now)
            record.state = .unavailable
        }
        count(id)
        add(.gapsAccepted, to: id, by: principal, at: now)
        job = jobs[id]!
        let result = JobResult(try fileStateCounts(of: id))
        (job.state, job.errorMessage) = (result.state, result.errorMessage)
        setOutcome(of: &job, by: principal, at: now)
        jobs[id] = job
        if job.state == .completed {
            notify(.completed, job, at: now)
            add(.completed, to: id, by: .service, at: now)
        }
        return JobActionResult(.act, job)
    }

    /// Sets the notes and the digest of a job that ends.
    func setOutcome(of job: inout Job, by principal: Principal, at now: Timestamp) {
        let list = checksums(of: job)
        let old = job.integrity.datasetDigest
        let known = old ?? job.integrity.formerDigest
        let isKeyVerified = job.state == .completed && !list.sums.isEmpty
        let digest = isKeyVerified ? Self.sha256(list.text) : nil
        job.integrity.datasetDigest = digest
        if digest != known {
            job.integrity.formerDigest = known
        } else if old == nil {
            job.integrity.formerDigest = nil
        }
        setNotes(of: &job)
        if known != nil, digest != known, digest != old {
            add(.digestChanged, to: job.id, by: principal, at: now)
        }
    }

    func setNotes(of job: inout Job) {
        let records = InMemoryJobStore.byName(files[job.id, default: []])
        func names(_ isMeant: (FileRecord) -> Bool) -> [String] {
            records.filter(isMeant).prefix(JobOutcome.namesMax).map(\.file.name)
        }
        job.outcomeNotes = JobOutcome.notes(
            of: job.progress, empty: names { $0.state == .empty },
            gaps: names { $0.failure?.code == Gaps.acceptedCode })
    }

    func withdrawDigest(of id: JobID, by principal: Principal, at now: Timestamp) {
        guard let digest = jobs[id]?.integrity.datasetDigest else { return }
        jobs[id]?.integrity.datasetDigest = nil
        jobs[id]?.integrity.formerDigest = digest
        add(.digestChanged, to: id, by: principal, at: now)
    }

    func checksums(of job: Job) -> ChecksumList {
        let records = InMemoryJobStore.byName(files[job.id, default: []])
        return ChecksumList(
            of: job,
            sums: records.compactMap { record in
                record.checksum.map { ChecksumLine(name: record.file.name, sha256: $0.sha256) }
            }, gaps: records.filter { $0.failure?.code == Gaps.acceptedCode }.map(\.file.name))
    }

    /// In hexadecimal digits.
    private static func sha256(_ text: String) -> String {
        SHA256.hash(data: Array(text.utf8)).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}
