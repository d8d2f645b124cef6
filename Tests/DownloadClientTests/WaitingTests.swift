// Why and until when a job waits, on every screen.

import APITypes
import Datasets
import Testing

@testable import download_client

@Suite struct WaitingTests {
    private func parked(_ reason: String = "parked: the quota is used up") -> JobResponse {
        var job = Sample.job()
        job.waiting = WaitReasonResponse(
            code: "parked", reason: reason, until: "2025-11-13T14:05:00.000000Z")
        return job
    }

    private func paused() -> JobResponse {
        var job = Sample.job(status: "pending")
        job.waiting = WaitReasonResponse(code: "paused", reason: "paused by alice")
        return job
    }

    private func behind() -> JobResponse {
        var job = Sample.job(status: "pending", total: 0)
        job.waiting = WaitReasonResponse(code: "behind", reason: "behind 2 jobs")
        return job
    }

    @Test func `prints the time in UTC, with the day unless it is today`() throws {
        let waiting = try #require(WaitReason(parked()))
        let today = try #require(Timestamp("2025-11-13T10:00:00Z"))
        #expect(waiting.text(at: today) == "waits until 14:05 UTC: parked: the quota is used up")
        let before = try #require(Timestamp("2025-11-12T23:00:00Z"))
        #expect(waiting.text(at: before).hasPrefix("waits until 2025-11-13 14:05 UTC: "))
        let repeated = try #require(WaitReason(parked("parked until 2025-11-13 14:05 UTC: quota")))
        #expect(repeated.text(at: today) == "waits until 14:05 UTC: parked: quota")
    }

    @Test func `uses the fields of older services`() throws {
        var job = Sample.job(status: "pending")
        #expect(WaitReason(job) == nil)
        job.paused = true
        #expect(WaitReason(job)?.text() == "paused")
        job.paused = false
        job.resumeAt = "2025-11-13T14:05:00.000000Z"
        #expect(WaitReason(job)?.text().hasPrefix("waits until 2025-11-13 14:05 UTC") == true)
        #expect(WaitReason(Sample.ended("completed")) == nil)
    }

    @Test func `status prints the reason, and how to resume a paused job`() {
        let lines = JobText.details(paused(), program: "p")
        #expect(
            lines.prefix(4) == [
                "", "⏳ Job 12 - PENDING", "Waiting: paused by alice",
                "Resume it with: p resume 12",
            ])
        #expect(JobText.details(parked())[1] == "⏳ Job 12 - RUNNING")
        #expect(JobText.details(behind())[2] == "Waiting: behind 2 jobs")
    }

    @Test func `list prints each reason once`() {
        var other = parked()
        other.id = 13
        let jobs = [parked(), other, paused(), behind(), Sample.job(id: 3)]
        let lines = JobListText.table(JobListResponse(jobs: jobs, total: 5))
        #expect(lines[1].contains("⏳ waiting"))
        #expect(lines[3].contains("⏳ paused"))
        #expect(lines[4].contains("⏳ pending"))
        #expect(lines[5].contains("🔄 running"))
        #expect(
            lines.suffix(3) == [
                "",
                "⏳ Jobs 12, 13: waits until 2025-11-13 14:05 UTC: parked: the quota is used up",
                "⏳ Job 12: paused by alice",
            ])
    }

    @Test func `the predecessor's list prints the reasons and fits the terminal`() {
        let jobs = JobListResponse(jobs: [parked(), paused(), behind()], total: 3)
        let lines = JobListText.legacy(jobs, columns: 40)
        #expect(lines[2] == String(repeating: "-", count: 40) && lines[6] == lines[2])
        #expect(lines[3].hasPrefix("⏳ Job 12 | running | "))
        #expect(lines[7].hasPrefix("⏳ Job 12: waits until "))
        #expect(lines[8] == "⏳ Job 12: paused by alice")
        #expect(JobListText.legacy(jobs)[2].count == 80)
    }

    @Test func `watch prints the reason in place of the bar`() {
        let line = ProgressLine(job: parked(), bytesPerSecond: 1, elapsedSeconds: 3, secondsLeft: 9)
        #expect(
            line.text(columns: 120)
                == "⏳ Job 12  14/31 files  waits until 2025-11-13 14:05 UTC: parked: "
                + "the quota is used up  3 s")
        #expect(
            line.text(columns: 40) == "⏳ Job 12  waits until 2025-11-13 14:05…")
        #expect(
            ProgressLine(job: behind()).text(columns: 80) == "⏳ Job 12  waits: behind 2 jobs")
        #expect(
            WatchText.change(parked())
                == "⏳ Job 12 running: 14 of 31 done, 38.2 MB; waits until 2025-11-13 14:05 UTC: "
                + "parked: the quota is used up")
    }

    @Test func `ignores the time that a job waits`() {
        var meter = ProgressMeter()
        meter.update(Sample.job(done: 1, bytes: 0), at: .seconds(0))
        meter.update(Sample.job(done: 9, bytes: 9000), at: .seconds(9))
        #expect(meter.bytesPerSecond == 1000)
        meter.update(parked(), at: .seconds(10))
        #expect(meter.bytesPerSecond == nil)
    }

    @Test func `only a job that continues by itself is said to`() {
        func message(_ job: JobResponse?) -> String {
            WatchText.interrupted(12, job, program: "p")
        }
        #expect(
            message(nil)
                == "Stopped watching. Job 12 goes on by itself; check it with: p status 12")
        #expect(message(Sample.job()).contains("goes on by itself"))
        #expect(message(behind()).contains("goes on by itself"))
        #expect(message(parked()).contains("the quota is used up. It goes on by itself; check"))
        #expect(
            message(paused())
                == "Stopped watching. Job 12 is paused by alice, until: p resume 12")
        var job = parked()
        job.waiting?.code = "data_root_changed"
        #expect(!message(job).contains("by itself"))
    }
}
