// States of jobs and files, spellings of user names, and texts of errors.

import Jobs
import Testing

struct JobTests {
    @Test
    func `a job goes from pending to running to one of three final states, and back to pending`() {
        let transitions: [JobState: Set<JobState>] = [
            .pending: [.running, .failed, .cancelled],
            .running: [.completed, .failed, .cancelled, .pending],
            .completed: [.pending],
            .failed: [.pending],
            .cancelled: [.pending],
        ]
        for state in JobState.allCases {
            let next = JobState.allCases.filter { state.mayBecome($0) }
            #expect(Set(next) == transitions[state, default: []])
            #expect(state.isFinal == Set(next).isSubset(of: [.pending]))
        }
    }

    @Test func `only published and unavailable files are good`() {
        #expect(FileState.allCases.filter(\.isGood) == [.ok, .empty, .unavailable])
        #expect(FileState.allCases.filter { !$0.isFinal } == [.pending, .running])
        #expect(FileState.allCases.allSatisfy { !$0.isGood || $0.isFinal })
    }

    @Test func `a file without rows is empty`() {
        var checksum = FileChecksum(
            bytes: 20, rows: 0, firstTimestamp: nil, lastTimestamp: nil, sha256: "")
        #expect(checksum.state == .empty)
        checksum.rows = 1
        #expect(checksum.state == .ok)
    }

    @Test func `pending and running files are open`() {
        let counts = FileStateCounts(
            counts: [.pending: 2, .running: 1, .ok: 4, .failed: 1], failures: [])
        #expect(counts.open == 3)
        #expect(counts.total == 8)
    }
}

@Suite struct UserNameTests {
    @Test(arguments: [
        ("ann", "ann"), ("", ""), ("jose\u{301}", "jos\u{E9}"), ("jos\u{E9}", "jos\u{E9}"),
        // Two accents in either order, an equivalent character, Hangul, an excluded composition.
        ("a\u{301}\u{323}", "\u{1EA1}\u{301}"), ("a\u{323}\u{301}", "\u{1EA1}\u{301}"),
        ("\u{212B}", "\u{C5}"), ("\u{1100}\u{1161}\u{11A8}", "\u{AC01}"),
        ("\u{958}", "\u{915}\u{93C}"), ("\u{1F600}", "\u{1F600}"),
    ])
    func `names are composed`(written: String, canonical: String) {
        #expect(UserName.canonical(written).utf8.elementsEqual(canonical.utf8))
        #expect(Principal(name: written).name.utf8.elementsEqual(canonical.utf8))
        let filter = JobFilter(user: written)
        #expect(filter.user?.utf8.elementsEqual(canonical.utf8) == true)
    }
}

@Suite struct JobErrorTests {
    @Test func `an error reads as a sentence`() {
        #expect("\(JobError.storeFailed("d.db is no database."))" == "d.db is no database.")
        #expect("\(JobError.notFound(JobID(7)))" == "there is no job 7")
    }
}
