// What the store in memory keeps of files: their attempts, their proofs, and the way back.

package import Datasets
package import Jobs

extension InMemoryJobStore {
    package func record(
        _ ending: FileEnding, of id: JobID, position: Int, during span: AttemptSpan
    ) throws {
        try begin("record")
        guard jobs[id] != nil else { throw JobError.notFound(id) }
        guard var record = files[id]?[position], record.state == .running else {
            // Of a job that people have stopped meanwhile, nothing is recorded any more.
            if jobs[id]?.state != .running { return }
            violations.append("job \(id) file \(position): \(ending) of a file not running")
            return
        }
        let former = record.notBefore
        record.notBefore = nil
        record.failure = nil
        record.attempts += 1
        switch ending {
        case .published(let proof): (record.state, record.proof) = (proof.state, proof)
        case .unavailable(let failure): (record.state, record.failure) = (.unavailable, failure)
        case .failed(let failure): (record.state, record.failure) = (.failed, failure)
        case .retry(let moment, let failure):
            (record.state, record.notBefore, record.failure) = (.pending, moment, failure)
        case .released(let moment):
            record.state = .pending
            record.notBefore = moment ?? former
            record.attempts -= 1
            record.failure = files[id]?[position].failure
        }
        if let attempt = FileAttempt(span, ending: ending) {
            jobs[id]?.control.crashes = 0
            attempts[id, default: [:]][position, default: []].append(attempt)
        }
        let expected = record.expectedSHA256
        if record.state.isFinal, record.proof != nil { record.expectedSHA256 = nil }
        files[id]?[position] = record
        if record.proof != nil { everPublished[record.file, default: [:]][id] = position }
        if let proof = record.proof, expected == nil, proof.origin != .upstream {
            jobs[id]?.evidence.bytesSaved += proof.bytes
        } else if let proof = record.proof, expected != nil, proof.origin != .disk {
            jobs[id]?.evidence.filesRepaired += 1
        }
        if record.state.isFinal { add(record, to: &jobs[id]!.progress) }
    }

    package func reports(
        of id: JobID, in states: Set<FileState>?, limit: Int, offset: Int
    ) throws -> [FileReport] {
        try files(of: id, in: states, limit: limit, offset: offset).map { record in
            FileReport(record: record, attempts: attempts[id]?[record.position] ?? [])
        }
    }

    package func fileCount(of id: JobID, in states: Set<FileState>?) throws -> Int {
        files[id, default: []].count { states?.contains($0.state) ?? true }
    }

    package func sums(of id: JobID) throws -> [FileSum] {
        let sums = files[id, default: []].compactMap { record in
            record.proof.map { FileSum(name: record.file.name, sha256: $0.sha256) }
        }
        return sums.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    package func copies(of file: DatasetFile, limit: Int) throws -> [PublishedCopy] {
        try begin("copies")
        let places = everPublished[file, default: [:]].sorted { $0.key > $1.key }
        let copies = places.compactMap { id, position -> PublishedCopy? in
            guard let records = files[id], records.indices.contains(position),
                records[position].state == .ok, let proof = records[position].proof
            else { return nil }
            return PublishedCopy(folder: jobs[id]?.outputPath ?? "", sha256: proof.sha256)
        }
        var seen: Set<String> = []
        return Array(copies.filter { seen.insert($0.folder).inserted }.prefix(limit))
    }

    package func beginVerification(
        of id: JobID, by principal: Principal, at now: Timestamp
    ) throws -> Job? {
        try begin("beginVerification")
        guard var job = jobs[id] else { throw JobError.notFound(id) }
        let hasProofs = files[id, default: []].contains { $0.proof != nil }
        guard job.state == .completed || job.state == .failed, hasProofs else { return nil }
        changeFiles(of: id) { record in
            guard let proof = record.proof else { return }
            record.expectedSHA256 = proof.sha256
            (record.state, record.attempts, record.proof) = (.pending, 0, nil)
        }
        firstOpen[id] = nil
        (job.state, job.completedAt, job.errorMessage) = (.pending, nil, nil)
        job.evidence.filesRepaired = 0
        job.evidence.datasetDigest = nil
        jobs[id] = job
        verifying.insert(id)
        queued[id] = now
        add(.verifying, to: id, by: principal, at: now)
        count(id)
        return jobs[id]
    }

    package func sizes(of id: JobID) throws -> [FileSizes] {
        try begin("sizes")
        let groups = Dictionary(grouping: files[id, default: []].filter { $0.state == .ok }) {
            [$0.file.exchange, $0.file.dataType.name, $0.file.symbol]
        }
        return groups.map { series, records in
            let own = records.map { ($0.position, InMemoryJobStore.size(of: $0)) }
            let days = Set(records.map(\.file.day))
            let others = files.filter { $0.key != id }.flatMap(\.value).filter { record in
                let file = record.file
                return record.state == .ok && !days.contains(file.day)
                    && [file.exchange, file.dataType.name, file.symbol] == series
            }
            return FileSizes(
                own: Dictionary(uniqueKeysWithValues: own),
                others: others.map(InMemoryJobStore.size(of:)))
        }
    }

    private static func size(of record: FileRecord) -> FileSize {
        FileSize(
            day: record.file.day, rows: record.proof?.rows ?? 0, bytes: record.proof?.bytes ?? 0)
    }

    package func mark(_ suspicions: [Int: String], of id: JobID) throws {
        try begin("mark")
        changeFiles(of: id) { $0.suspicion = suspicions[$0.position] }
        jobs[id]?.evidence.filesSuspicious = suspicions.count
    }

    // MARK: Keeping order

    func begin(_ operation: String) throws {
        calls[operation, default: 0] += 1
        if let fault, fault(operation, calls[operation, default: 0]) {
            throw JobError.storeFailed("scripted: \(operation)")
        }
    }

    func changeFiles(of id: JobID, _ body: (inout FileRecord) -> Void) {
        guard let indices = files[id]?.indices else { return }
        for index in indices { body(&files[id]![index]) }
    }

    func count(_ id: JobID) {
        guard let former = jobs[id]?.progress else { return }
        var progress = JobProgress(
            filesTotal: former.filesTotal, isPlanned: former.isPlanned)
        for record in files[id, default: []] where record.state.isFinal {
            add(record, to: &progress)
        }
        jobs[id]?.progress = progress
    }

    func add(_ record: FileRecord, to progress: inout JobProgress) {
        progress.bytesDone += record.proof?.bytes ?? 0
        progress.filesDone += record.state.isGood ? 1 : 0
        progress.filesFailed += record.state.isGood ? 0 : 1
    }

    func openIndices(of id: JobID) -> Range<Int> {
        guard let records = files[id] else { return 0..<0 }
        let first = records[firstOpen[id, default: 0]...].firstIndex { !$0.state.isFinal }
        firstOpen[id] = first ?? records.endIndex
        return (first ?? records.endIndex)..<records.endIndex
    }

    func notify(_ kind: JobNotification.Kind, _ job: Job) {
        lastNotification += 1
        outbox.append(JobNotification(id: lastNotification, kind: kind, job: job))
    }
}
