// Recording how attempts at files ended: whatever has ended while the last commit was at the disk
// is one write. It must not know what an ending changes.

package import Jobs

extension SQLiteJobStore {
    package func record(
        _ ending: AttemptResult, of id: JobID, position: Int, during span: AttemptSpan
    ) async throws {
        let attempt = AttemptRecord(ending: ending, job: id, position: position, span: span)
        try await withCheckedThrowingContinuation { continuation in
            let slip = RecordingDesk.Slip(attempt: attempt, continuation: continuation)
            guard let group = desk.add(slip) else { return }
            Task { await record(group) }
        }
    }

    private func record(_ group: RecordingDesk.Group) async {
        do {
            try await write { try AttemptRecorder.keep(group.slips.map(\.attempt), in: $0) }
            for slip in group.slips { slip.continuation.resume() }
        } catch {
            guard group.slips.count > 1 else {
                return group.slips.forEach { $0.continuation.resume(throwing: error) }
            }
            // One of them may be to blame, and must not cost the others their records.
            for slip in group.slips { await recordAlone(slip) }
        }
    }

    private func recordAlone(_ slip: RecordingDesk.Slip) async {
        do {
            try await write { try AttemptRecorder.keep([slip.attempt], in: $0) }
            slip.continuation.resume()
        } catch {
            slip.continuation.resume(throwing: error)
        }
    }
}
