// What a job comes to, and in which words.

import Datasets
import Jobs
import Testing

struct JobEndingTests {
    @Test(arguments: FileState.allCases)
    func `one file of any bad state fails a job`(state: FileState) {
        let counts = [FileState.ok: 19].merging([state: 1], uniquingKeysWith: +)
        let tally = FileStateCounts(counts: counts, failures: [])
        #expect((JobResult(tally).state == .completed) == state.isGood)
    }

    @Test func `good files of all kinds complete a job`() {
        let ending = JobResult(
            FileStateCounts(counts: [.ok: 1, .empty: 2, .unavailable: 3, .failed: 0], failures: []))
        #expect(ending.state == .completed)
        #expect(ending.errorMessage == nil)
    }

    @Test func `a job without files is no success`() {
        #expect(JobResult(FileStateCounts(counts: [:], failures: [])).state == .failed)
    }

    @Test func `names the files with their reasons, and counts the rest`() {
        let ending = JobResult(
            FileStateCounts(
                counts: [.ok: 28, .failed: 3],
                failures: [record("2024-01-05", "Busy."), record("2024-01-06", "Damaged.")]))
        #expect(
            ending.errorMessage
                == "3 of 31 files failed. binance_trades_2024-01-05_BTCUSDT.csv.gz: Busy. "
                + "binance_trades_2024-01-06_BTCUSDT.csv.gz: Damaged. (and 1 more)")
    }

    @Test func `says so where files were cancelled`() {
        let ending = JobResult(FileStateCounts(counts: [.ok: 1, .cancelled: 2], failures: []))
        #expect(ending.state == .failed)
        #expect(ending.errorMessage == "2 of 3 files were cancelled.")
    }

    @Test func `never grows beyond a thousand characters`() {
        let long = String(repeating: "very long reason ", count: 100)
        let failures = (1...28).map { number in
            record("2024-02-\(number < 10 ? "0" : "")\(number)", "\(number) \(long)")
        }
        let ending = JobResult(FileStateCounts(counts: [.failed: 90_000], failures: failures))
        let message = ending.errorMessage ?? ""
        #expect(message.count <= 1_000)
        #expect(message.hasPrefix("90,000 of 90,000 files failed. binance_trades_2024-02-01"))
        #expect(message.hasSuffix("more)"))
        let same = (1...28).map { number in
            record("2024-02-\(number < 10 ? "0" : "")\(number)", "Refused.")
        }
        let grouped = JobResult(FileStateCounts(counts: [.failed: 28], failures: same)).errorMessage
        #expect(grouped?.hasSuffix("_BTCUSDT.csv.gz: Refused. (and 23 more)") == true)
    }

    private func record(_ text: String, _ detail: String) -> FileRecord {
        FileRecord(
            job: JobID(1), position: 0,
            file: DatasetFile(
                exchange: "binance", dataType: .trades, day: Day(text)!, symbol: "BTCUSDT"),
            state: .failed, failure: FileFailure(code: "x", detail: detail))
    }
}
