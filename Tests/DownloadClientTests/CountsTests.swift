// The counters of a job agree on every screen.

import APITypes
import Testing

@testable import download_client

@Suite struct CountsTests {
    private func cancelled() -> JobResponse {
        var job = Sample.job(status: "cancelled", total: 124, done: 59, failed: 1)
        job.filesEmpty = 3
        job.filesUnavailable = 2
        job.filesCancelled = 64
        return job
    }

    @Test func `every screen counts files by outcome`() {
        let words = "59 of 124 done (3 empty, 2 unavailable), 1 failed, 64 cancelled, 38.2 MB"
        #expect(JobText.files(cancelled()) == words)
        #expect(JobText.details(cancelled()).contains("Files: \(words)"))
        #expect(WatchText.outcome(cancelled(), program: "p")[0] == "🚫 Job 12 cancelled: \(words)")
        #expect(JobText.outcome(of: .cancel, cancelled()) == "🚫 Job 12: cancelled, \(words)")
        let list = JobListText.table(JobListResponse(jobs: [cancelled()], total: 1))
        #expect(list[1].contains(" 59/124 "))
    }

    @Test func `the outcome of a watched job counts empty days`() {
        var job = Sample.ended("completed")
        job.filesEmpty = 1
        #expect(
            WatchText.outcome(job, program: "p")[0]
                == "✅ Job 12 completed: 31 files (1 empty), 84.2 MB in 1 min 12 s")
    }

    @Test func `counts failed and cancelled files together for an older service`() {
        var job = cancelled()
        job.filesFailed = 65
        (job.filesEmpty, job.filesUnavailable, job.filesCancelled) = (nil, nil, nil)
        #expect(JobText.files(job) == "59 of 124 done, 65 failed or cancelled, 38.2 MB")
    }

    @Test func `an ended job of the predecessor is not shown as unplanned`() {
        #expect(
            JobText.files(Sample.job(status: "completed", total: 0))
                == "not counted, as the former service did not")
        #expect(JobText.files(Sample.job(status: "running", total: 0)) == "not planned yet")
    }

    @Test(arguments: [Int.min, -1, 0, 1, 31, .max], [Int.min, -1, 0, 1, 31, .max])
    func `absurd counters trap nowhere`(one: Int, other: Int) {
        for total in [Int.min, 0, 31, .max] {
            var job = Sample.job(total: total, done: one, failed: other, bytes: .max)
            (job.filesEmpty, job.filesUnavailable) = (other, one)
            (job.filesCancelled, job.gapsAccepted) = (one, other)
            let counts = JobCounts(job)
            #expect(counts.done >= 0 && counts.ended <= counts.total)
            _ = JobText.details(job) + JobListText.table(JobListResponse(jobs: [job], total: one))
            _ = ProgressLine(job: job).text(columns: 80)
            var meter = ProgressMeter()
            meter.update(job, at: .zero)
            meter.update(Sample.job(), at: .seconds(1))
            _ = meter.secondsLeft(job)
        }
    }
}
