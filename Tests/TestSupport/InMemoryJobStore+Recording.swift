// Attempts at files and what they leave in the store in memory.

package import Datasets
package import Jobs

extension InMemoryJobStore {
    package func record(
        _ result: AttemptResult, of id: JobID, position: Int, during span: AttemptSpan
    ) throws {
        try begin("record")
        guard jobs[id] != nil else { throw JobError.notFound(id) }
        guard var record = files[id]?[position], record.state == .running else {
            // Of a job that people have stopped meanwhile, nothing is recorded any more.
            if jobs[id]?.state != .running { return }
            violations.append("job \(id) file \(position): \(result) of a file not running")
            return
        }
        var isAsItWas = false
        if case .published(let proof) = result, record.expectedSHA256 != nil {
            isAsItWas = proof.origin == .disk && proof.finding == nil
        }
        let former = record.notBefore
        record.notBefore = nil
        record.failure = nil
        record.attempts += 1
        switch result {
        case .published(var proof):
            note(proof.finding, proof.sha256, at: span.ended, in: &record)
            if isAsItWas { proof.origin = origins[id]?[position] ?? proof.origin }
            proof.finding = nil
            (record.state, record.checksum) = (proof.state, proof)
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
        if let attempt = FileAttempt(span, result: result) {
            jobs[id]?.control.crashes = 0
            if !isAsItWas { attempts[id, default: [:]][position, default: []].append(attempt) }
        }
        let expected = record.expectedSHA256
        if record.state.isFinal, record.checksum != nil { record.expectedSHA256 = nil }
        files[id]?[position] = record
        if record.checksum != nil { everPublished[record.file, default: [:]][id] = position }
        if let proof = record.checksum, expected == nil, proof.origin != .upstream {
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

    package func endRemainingFiles(
        of id: JobID, as state: FileState, because failure: FileFailure
    ) throws {
        try begin("endRemainingFiles")
        guard jobs[id]?.state == .running,
            files[id, default: []].contains(where: { !$0.state.isFinal })
        else { return }
        changeFiles(of: id) { record in
            guard !record.state.isFinal else { return }
            record.state = state
            record.failure = failure
            record.notBefore = nil
        }
        jobs[id]?.control.crashes = 0
        count(id)
    }

    package func copies(of file: DatasetFile, limit: Int) throws -> [PublishedCopy] {
        try begin("copies")
        let places = everPublished[file, default: [:]].sorted { $0.key > $1.key }
        let copies = places.compactMap { id, position -> PublishedCopy? in
            guard let records = files[id], records.indices.contains(position),
                records[position].state == .ok, let proof = records[position].checksum
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
            day: record.file.day, rows: record.checksum?.rows ?? 0,
            bytes: record.checksum?.bytes ?? 0)
    }

    package func setSizeWarnings(_ warnings: [Int: String], of id: JobID) throws {
        try begin("mark")
        changeFiles(of: id) { $0.sizeWarning = warnings[$0.position] }
        jobs[id]?.integrity.filesSuspicious = warnings.count
    }
}
