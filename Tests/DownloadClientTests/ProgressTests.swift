// Speed, time left, and the line that shows them.

import APIClient
import APITypes
import Testing

@testable import download_client

@Suite struct ProgressTests {
    @Test func `computes speed and time left from the samples`() {
        var meter = ProgressMeter()
        #expect(meter.bytesPerSecond == nil)
        meter.update(Sample.job(done: 10, bytes: 1000), at: .seconds(0))
        #expect(meter.bytesPerSecond == nil)
        let job = Sample.job(done: 16, bytes: 5000)
        meter.update(job, at: .seconds(2))
        #expect(meter.bytesPerSecond == 2000)
        #expect(meter.secondsLeft(job) == 5)
    }

    @Test func `only the last half minute counts`() {
        var meter = ProgressMeter()
        meter.update(Sample.job(done: 0, bytes: 0), at: .seconds(0))
        meter.update(Sample.job(done: 1, bytes: 1_000_000), at: .seconds(10))
        for second in 11...60 {
            meter.update(Sample.job(done: 1, bytes: 1_000_000), at: .seconds(second))
        }
        #expect(meter.bytesPerSecond == 0)
        #expect(meter.secondsLeft(Sample.job(done: 1)) == nil)
    }

    @Test func `waiting and falling counters are no speed`() {
        var meter = ProgressMeter()
        meter.update(Sample.job(status: "pending", done: 0, bytes: 0), at: .seconds(0))
        meter.update(Sample.job(done: 4, bytes: 4000), at: .seconds(100))
        meter.update(Sample.job(done: 5, bytes: 3000), at: .seconds(101))
        #expect(meter.bytesPerSecond == 0)
    }

    @Test func `a wide line has every part`() {
        let line = ProgressLine(
            job: Sample.job(failed: 1), bytesPerSecond: 4_100_000, elapsedSeconds: 12,
            secondsLeft: 15)
        #expect(
            line.text(columns: 120)
                == "🔄 Job 12  █████████████▒░░░░░░░░░░░░░░░░  14/31 files  1 failed  38.2 MB"
                + "  4.1 MB/s  12 s  ETA 15 s")
    }

    @Test func `a narrow line drops the least important part first`() {
        let line = ProgressLine(
            job: Sample.job(failed: 1), bytesPerSecond: 4_100_000, elapsedSeconds: 12,
            secondsLeft: 15)
        #expect(
            line.text(columns: 60)
                == "🔄 Job 12  ██████▒░░░░░░░░░  14/31 files  1 failed  ETA 15 s")
        for columns in 0...140 {
            #expect(DisplayWidth.of(line.text(columns: columns)) <= columns)
        }
    }

    @Test func `a job without a plan says what it waits for`() {
        let pending = ProgressLine(job: Sample.job(status: "pending", total: 0), elapsedSeconds: 3)
        #expect(pending.text(columns: 80) == "⏳ Job 12  waiting for its turn  3 s")
        let running = ProgressLine(job: Sample.job(total: 0))
        #expect(running.text(columns: 80) == "🔄 Job 12  planning its files")
    }

    @Test func `trouble replaces speed and time left`() {
        let line = ProgressLine(
            job: Sample.job(), bytesPerSecond: 1, elapsedSeconds: 12, secondsLeft: 15,
            trouble: "waiting for the service")
        #expect(line.text(columns: 120).hasSuffix("38.2 MB  waiting for the service  12 s"))
    }

    @Test func `changes are plain lines without a terminal`() {
        #expect(WatchText.change(Sample.job()) == "🔄 Job 12 running: 14 of 31 done, 38.2 MB")
        #expect(
            WatchText.change(Sample.job(status: "pending", total: 0))
                == "⏳ Job 12 pending: not planned yet")
    }

    @Test func `the outcome has the result, the folder and the failures`() {
        #expect(
            WatchText.outcome(Sample.ended("completed"), program: "p") == [
                "✅ Job 12 completed: 31 files, 84.2 MB in 1 min 12 s", "Files are in ./datasets",
            ])
        #expect(
            WatchText.outcome(
                Sample.ended("failed", failed: 2, errorMessage: "2 files failed:\nX\nY"),
                program: "p") == [
                    "❌ Job 12 failed: 2 of 31 files failed, 29 done, 84.2 MB in 1 min 12 s",
                    "Error: 2 files failed:\n  X\n  Y", "Details: p status 12",
                ])
        #expect(
            WatchText.outcome(Sample.job(status: "cancelled"), program: "p") == [
                "🚫 Job 12 cancelled: 14 of 31 done, 38.2 MB", "Details: p status 12",
            ])
    }

    @Test func `a job that completed without a file says so`() {
        let job = Sample.job(
            status: "completed", total: 2, done: 2, bytes: 0,
            completedAt: "2025-11-13T10:20:30.500000Z")
        let nothing =
            "Nothing was written: Tardis has no data for these days (not listed yet, or delisted)."
        #expect(
            WatchText.outcome(job, program: "p")
                == ["✅ Job 12 completed: 2 files, 0 B in 0 s", nothing])
        #expect(JobText.details(job).last == nothing)
    }
}
