// Which failed files may be accepted as gaps.

import Datasets
import Jobs
import Testing

@Suite struct GapTests {
    private static let now = Timestamp("2024-07-20T12:00:00Z")!

    private func candidate(
        _ code: String = "not_found", day: String = "2024-06-10", asked: [String] = [],
        hasOtherDays: Bool = false
    ) -> GapCandidate {
        GapCandidate(
            record: FileRecord(
                job: JobID(4), position: 0,
                file: DatasetFile(
                    exchange: "binance", dataType: .trades, day: Day(day)!, symbol: "BTCUSDT"),
                state: .failed, failure: FileFailure(code: code, detail: "So it is.")),
            refusals: asked.compactMap(Timestamp.init), hasOtherDays: hasOtherDays)
    }

    private func refusal(_ candidate: GapCandidate, named names: [String]? = nil) -> String? {
        switch Gaps.choice(of: [candidate], named: names, job: JobID(4), at: GapTests.now) {
        case .success: nil
        case .failure(let refusal): refusal.description
        }
    }

    @Test(arguments: ["not_found", "not_available"])
    func `a file that Tardis lacks between days that it has is a gap`(code: String) {
        #expect(refusal(candidate(code, hasOtherDays: true)) == nil)
    }

    @Test func `two refusals on different days always make a gap`() {
        #expect(
            refusal(candidate(asked: ["2024-07-19T23:59:59Z", "2024-07-20T00:00:01Z"])) == nil)
        let once = refusal(candidate(asked: ["2024-07-20T08:00:00Z", "2024-07-20T09:00:00Z"]))
        #expect(once?.contains("Retry the job tomorrow") == true)
    }

    @Test func `a day that may only be late is no gap yet`() {
        let late = candidate(day: "2024-07-19", hasOtherDays: true)
        #expect(refusal(late)?.contains("the day may only be late") == true)
        #expect(refusal(candidate(day: "2024-07-17", hasOtherDays: true)) == nil)
    }

    @Test(arguments: ["forbidden", "gzip_damaged", "crashed", "delisted"])
    func `any other reason is none`(code: String) {
        let reason = refusal(candidate(code, hasOtherDays: true))
        #expect(reason?.contains("it is no gap, but failed: So it is.") == true)
    }

    @Test func `a file that the job had is lost, and no gap`() {
        var lost = candidate(hasOtherDays: true)
        lost.record.expectedSHA256 = String(repeating: "0a", count: 32)
        #expect(refusal(lost)?.contains("lost it on the disk") == true)
    }

    @Test func `the refusal quotes a name that is no file of the job, shortened`() {
        let gap = candidate(hasOtherDays: true)
        let name = String(repeating: "x", count: 5_000)
        let reason = refusal(gap, named: [gap.record.file.name, name])
        #expect(reason?.contains("is no failed file of the job") == true)
        #expect((reason?.count ?? 0) < 300)
        #expect(refusal(gap, named: [gap.record.file.name]) == nil)
    }
}

@Suite struct ChecksumListTests {
    private let job = Job(
        id: JobID(4), state: .completed, exchange: "binance", dataTypes: ["trades", "quotes"],
        symbols: ["B", "A\nsum  name"], startDate: "2024-06-01", endDate: "2024-06-02",
        outputPath: "./datasets/x", createdAt: Timestamp(microseconds: 0), createdBy: "ann",
        progress: JobProgress(filesTotal: 3, filesDone: 3))

    @Test
    func `the text names the request, the files and the gaps, and a name cannot forge a line`() {
        let sums = [ChecksumLine(name: "a.csv.gz", sha256: "0a")]
        let list = ChecksumList(of: job, sums: sums, gaps: ["b.csv.gz"])
        #expect(
            list.text == """
                # Datasets of Tardis.dev. `sha256sum -c` checks the files; the SHA-256 of this text \
                is the dataset digest.
                # exchange: binance
                # symbols: A sum  name, B
                # data types: quotes, trades
                # days: 2024-06-01 to 2024-06-02
                # files: 1 of 3
                # gap accepted: b.csv.gz
                0a  a.csv.gz

                """)
    }

    @Test func `the same request elsewhere has the same text`() {
        var other = job
        (other.id, other.outputPath, other.createdBy) = (JobID(9), "./datasets", "bob")
        (other.symbols, other.dataTypes) = (job.symbols.reversed(), job.dataTypes.reversed())
        #expect(
            ChecksumList(of: other, sums: [], gaps: []).text
                == ChecksumList(of: job, sums: [], gaps: []).text)
        other.endDate = "2024-06-03"
        #expect(
            ChecksumList(of: other, sums: [], gaps: []) != ChecksumList(of: job, sums: [], gaps: [])
        )
    }
}

@Suite struct JobOutcomeTests {
    @Test func `counts add up, and are left out where all files have rows`() {
        let plain = JobProgress(filesTotal: 3, filesDone: 3)
        #expect(JobOutcome.counts(of: plain) == nil)
        let mixed = JobProgress(
            filesTotal: 12_000, filesDone: 10_005, filesEmpty: 2, filesUnavailable: 3,
            gapsAccepted: 1, filesFailed: 5, filesCancelled: 1_990)
        #expect(
            JobOutcome.counts(of: mixed)
                == "12,000 files: 10,000 with rows, 2 empty, 2 unavailable, 1 accepted gap, "
                + "5 failed, 1,990 cancelled")
    }

    @Test func `a note names a few files and counts the rest`() {
        let progress = JobProgress(
            filesTotal: 9, filesDone: 9, filesEmpty: 5, filesUnavailable: 2, gapsAccepted: 2)
        #expect(
            JobOutcome.notes(of: progress, empty: ["a", "b", "c", "d"], gaps: ["x", "y"]) == [
                "5 files have no rows, since Tardis has no data for the day: a, b, c (and 2 more).",
                "2 gaps were accepted: x, y.",
            ])
    }
}
