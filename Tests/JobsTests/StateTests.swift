// The states of jobs and files, and the ways between them.

import Jobs
import Testing

struct StateTests {
    @Test func `a job goes from pending to running to one of three ends, and back to wait again`() {
        let ways: [JobState: Set<JobState>] = [
            .pending: [.running, .failed, .cancelled],
            .running: [.completed, .failed, .cancelled, .pending],
            .completed: [.pending],
            .failed: [.pending],
            .cancelled: [.pending],
        ]
        for state in JobState.allCases {
            let next = JobState.allCases.filter { state.mayBecome($0) }
            #expect(Set(next) == ways[state, default: []])
            #expect(state.isFinal == Set(next).isSubset(of: [.pending]))
        }
    }

    @Test func `only files that ended well are good`() {
        #expect(FileState.allCases.filter(\.isGood) == [.ok, .empty, .unavailable])
        #expect(FileState.allCases.filter { !$0.isFinal } == [.pending, .running])
        #expect(FileState.allCases.allSatisfy { !$0.isGood || $0.isFinal })
    }

    @Test func `a proof without rows is an empty file`() {
        var proof = FileChecksum(
            bytes: 20, rows: 0, firstTimestamp: nil, lastTimestamp: nil, sha256: "")
        #expect(proof.state == .empty)
        proof.rows = 1
        #expect(proof.state == .ok)
    }

    @Test func `a tally counts what is open`() {
        let tally = FileStateCounts(
            counts: [.pending: 2, .running: 1, .ok: 4, .failed: 1], failures: [])
        #expect(tally.open == 3)
        #expect(tally.total == 8)
    }
}
