// What the store in memory keeps of files: their attempts, their proofs, and the way back.

package import Datasets
package import Jobs

extension InMemoryJobStore {
    package func record(
        _ ending: AttemptResult, of id: JobID, position: Int, during span: AttemptSpan
    ) throws {
        try begin("record")
        guard jobs[id] != nil else { throw JobError.notFound(id) }
        guard var record = files[id]?[position], record.state == .running else {
            // Of a job that people have stopped meanwhile, nothing is recorded any more.
            if jobs[id]?.state != .running { return }
            violations.append("job \(id) file \(position): \(ending) of a file not running")
            return
        }
        var isAsItWas = false
        if case .published(let proof) = ending, record.expectedSHA256 != nil {
            isAsItWas = proof.origin == .disk && proof.finding == nil
        }
        let former = record.notBefore
        record.notBefore = nil
        record.failure = nil
        record.attempts += 1
        switch ending {
        case .published(var proof):
            note(proof.finding, proof.sha256, at: span.ended, in: &record)
            if isAsItWas { proof.origin = origins[id]?[position] ?? proof.origin }
            proof.finding = nil
            (record.state, record.proof) = (proof.state, proof)
        case .unavailable(let failure): end(&record, .unavailable, failure, at: span.ended)
        case .failed(let failure): end(&record, .failed, failure, at: span.ended)
        case .retry(let moment, let failure):
            end(&record, .pending, failure, at: span.ended)
            record.notBefore = moment
        case .released(let moment):
            record.state = .pending
            record.notBefore = moment ?? former
            record.attempts -= 1
            record.failure = files[id]?[position].failure
        }
        if let attempt = FileAttempt(span, ending: ending) {
            jobs[id]?.control.crashes = 0
            if !isAsItWas { attempts[id, default: [:]][position, default: []].append(attempt) }
        }
        let expected = record.expectedSHA256
        if record.state.isFinal, record.proof != nil { record.expectedSHA256 = nil }
        files[id]?[position] = record
        if record.proof != nil { everPublished[record.file, default: [:]][id] = position }
        if let proof = record.proof, expected == nil, proof.origin != .upstream {
            jobs[id]?.integrity.bytesSaved += proof.bytes
        }
        if record.state.isFinal { add(record, to: &jobs[id]!.progress) }
    }

    private func end(
        _ record: inout FileRecord, _ state: FileState, _ failure: FileFailure, at now: Timestamp
    ) {
        note(failure.finding, failure.revisionSHA256, at: now, in: &record)
        record.state = state
        record.failure = FileFailure(
            code: failure.code, detail: failure.detail, httpStatus: failure.httpStatus)
    }

    /// How a file was found that is verified, and other bytes of it that were seen.
    private func note(
        _ finding: FileFinding?, _ sha256: String?, at now: Timestamp, in record: inout FileRecord
    ) {
        guard let expected = record.expectedSHA256 else { return }
        record.finding = record.finding ?? finding
        guard let sha256, sha256 != expected else { return }
        record.revision = FileRevision(sha256: sha256, recordedSHA256: expected, seenAt: now)
        record.isRevised = true
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

    func checksums(of job: Job) -> ChecksumList {
        let records = InMemoryJobStore.byName(files[job.id, default: []])
        return ChecksumList(
            of: job,
            sums: records.compactMap { record in
                record.proof.map { ChecksumLine(name: record.file.name, sha256: $0.sha256) }
            }, gaps: records.filter { $0.failure?.code == Gaps.acceptedCode }.map(\.file.name))
    }

    static func byName(_ records: [FileRecord]) -> [FileRecord] {
        records.map { ($0, $0.file.name) }
            .sorted { $0.1.utf8.lexicographicallyPrecedes($1.1.utf8) }.map(\.0)
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

    package func setSizeWarnings(_ suspicions: [Int: String], of id: JobID) throws {
        try begin("mark")
        changeFiles(of: id) { $0.sizeWarning = suspicions[$0.position] }
        jobs[id]?.integrity.filesSuspicious = suspicions.count
    }

    // MARK: Keeping order

    func begin(_ operation: String) throws {
        calls[operation, default: 0] += 1
        if let fault, fault(operation, calls[operation, default: 0]) {
            let words = "scripted: \(operation)"
            throw isMoved ? JobError.databaseMoved(words) : JobError.storeFailed(words)
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
        progress.filesEmpty += record.state == .empty ? 1 : 0
        progress.filesUnavailable += record.state == .unavailable ? 1 : 0
        progress.gapsAccepted += record.failure?.code == Gaps.acceptedCode ? 1 : 0
        progress.filesFailed += record.state == .failed ? 1 : 0
        progress.filesCancelled += record.state == .cancelled ? 1 : 0
    }

    func openIndices(of id: JobID) -> Range<Int> {
        guard let records = files[id] else { return 0..<0 }
        let first = records[firstOpen[id, default: 0]...].firstIndex { !$0.state.isFinal }
        firstOpen[id] = first ?? records.endIndex
        return (first ?? records.endIndex)..<records.endIndex
    }

    /// Puts so many notices of cancelled jobs of one user into the outbox.
    package func flood(_ count: Int, of user: String, at now: Timestamp) throws {
        for number in 0..<count {
            let job = Job(
                id: JobID(Int64(number + 1)), state: .cancelled, exchange: "binance",
                dataTypes: ["trades"], symbols: ["BTCUSDT"], startDate: "2024-01-01",
                endDate: "2024-01-01", outputPath: "./datasets", createdAt: now,
                completedAt: now, createdBy: user)
            notify(.cancelled, job, at: now)
        }
    }

    func notify(_ kind: JobNotification.Kind, _ job: Job, at now: Timestamp) {
        lastNotification += 1
        outbox.append(JobNotification(id: lastNotification, kind: kind, job: job, at: now))
    }
}
