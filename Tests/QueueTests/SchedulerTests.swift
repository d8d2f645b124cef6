// The decisions of the scheduler, event by event.

import Datasets
import Jobs
import Testing

@testable import Queue

struct SchedulerTests {
    private let now = day("2024-06-15").start

    @Test func `claims one job at a time, as long as a slot is free`() {
        var scheduler = Scheduler(
            limits: ConcurrencyLimits(filesInWorkMax: 4, runningJobsMax: 2))
        #expect(scheduler.actions(at: now) == [.claimJob(.regular)])
        #expect(scheduler.actions(at: now) == [])
        scheduler.started(job(1), at: now)
        #expect(scheduler.actions(at: now) == [.claimJob(.regular), .plan(job(1))])
        scheduler.started(job(2), at: now)
        #expect(scheduler.actions(at: now) == [.claimJob(.overflow), .plan(job(2))])
        scheduler.claimedNoJob()
        #expect(scheduler.actions(at: now) == [])
        scheduler.close(JobID(1))
        #expect(scheduler.actions(at: now) == [.claimJob(.regular)])
        scheduler.claimedNoJob()
        #expect(scheduler.actions(at: now) == [])
        scheduler.jobsMayWait()
        #expect(scheduler.actions(at: now) == [.claimJob(.regular)])
        scheduler.jobsMayWait()
        scheduler.claimedNoJob()
        #expect(scheduler.actions(at: now) == [.claimJob(.regular)], "submitted while it looked")
    }

    @Test
    func `beyond the limit it claims for users who run nothing as urgent, up to the overflow`() {
        var scheduler = Scheduler(
            limits: ConcurrencyLimits(filesInWorkMax: 4, runningJobsMax: 2))
        var claims: [ClaimSlot] = []
        for id in Int64(1)...100 {
            for case .claimJob(let slot) in scheduler.actions(at: now) {
                claims.append(slot)
                scheduler.started(job(id), at: now)
            }
        }
        #expect(claims == [.regular, .regular] + Array(repeating: .overflow, count: 64))
    }

    @Test func `claims two files until the key is verified, then up to the limit`() {
        var scheduler = running([1], filesInWorkMax: 8)
        #expect(scheduler.actions(at: now) == [.claimFiles(planned(1), limit: 2)])
        scheduler.claimed(JobID(1), count: 2, nextDue: now)
        #expect(scheduler.actions(at: now) == [])
        publish(1, "2024-01-01", &scheduler)
        #expect(scheduler.actions(at: now) == [.claimFiles(planned(1), limit: 1)], "a free day")
        scheduler.claimed(JobID(1), count: 1, nextDue: now)
        publish(1, "2024-01-02", &scheduler)
        #expect(scheduler.actions(at: now) == [.claimFiles(planned(1), limit: 7)])
    }

    @Test func `gives slots to jobs in turns`() {
        var scheduler = running([1, 2, 3], filesInWorkMax: 4)
        for id in Int64(1)...3 { prove(id, &scheduler) }
        #expect(
            scheduler.actions(at: now) == [
                .claimFiles(planned(1), limit: 2), .claimFiles(planned(2), limit: 1),
                .claimFiles(planned(3), limit: 1),
            ])
        scheduler.claimed(JobID(1), count: 2, nextDue: now)
        scheduler.claimed(JobID(2), count: 1, nextDue: now)
        scheduler.claimed(JobID(3), count: 0, nextDue: nil)
        #expect(
            scheduler.actions(at: now) == [
                .claimFiles(planned(2), limit: 1), .end(planned(3), because: nil),
            ])
    }

    @Test func `a retry that arrives during a claim is not lost`() {
        var scheduler = running([1], filesInWorkMax: 8)
        _ = scheduler.actions(at: now)
        scheduler.claimed(JobID(1), count: 2, nextDue: now)
        publish(1, "2024-01-02", &scheduler)
        _ = scheduler.actions(at: now)
        let later = now + .seconds(5)
        scheduler.ended(
            JobID(1), day: day("2024-01-03"), result: .retry(at: later, failure("busy")),
            fatal: nil, at: now)
        scheduler.claimed(JobID(1), count: 0, nextDue: nil)
        #expect(scheduler.actions(at: now) == [])
        #expect(scheduler.nextMoment == later)
        #expect(scheduler.actions(at: later) == [.claimFiles(planned(1), limit: 8)])
    }

    @Test
    func `a stopped job frees its slot at once, and is removed when its transfers have ended`() {
        var scheduler = running([1], filesInWorkMax: 2)
        #expect(scheduler.actions(at: now) == [.claimFiles(planned(1), limit: 2)])
        scheduler.stop(JobID(1))
        #expect(scheduler.actions(at: now) == [.claimJob(.regular)], "a place")
        scheduler.claimed(JobID(1), count: 2, nextDue: now)
        scheduler.started(planned(2), at: now)
        #expect(scheduler.actions(at: now) == [.claimJob(.overflow)], "no transfer")
        #expect(scheduler.transfers == 2)
        publish(1, "2024-01-02", &scheduler)
        #expect(scheduler.actions(at: now) == [.claimFiles(planned(2), limit: 1)])
        #expect(scheduler.runningJob(JobID(1)) != nil)
        scheduler.ended(
            JobID(1), day: day("2024-01-03"), result: .released(notBefore: nil), fatal: nil, at: now
        )
        #expect(scheduler.runningJob(JobID(1)) == nil)
        #expect(scheduler.runningJob(JobID(2)) != nil)
    }

    @Test func `a job that is stopped while it is planned or ended is removed after that`() {
        var scheduler = Scheduler(
            limits: ConcurrencyLimits(filesInWorkMax: 2, runningJobsMax: 3))
        scheduler.started(job(1), at: now)
        scheduler.started(job(2), at: now)
        scheduler.stop(JobID(2))
        #expect(scheduler.runningJob(JobID(2)) == nil, "no work is in progress")
        #expect(scheduler.actions(at: now).contains(.plan(job(1))))
        scheduler.stop(JobID(1))
        #expect(scheduler.runningJob(JobID(1)) != nil)
        scheduler.planned(JobID(1), at: now)
        #expect(scheduler.runningJob(JobID(1)) == nil)
        scheduler.started(planned(3), at: now)
        _ = scheduler.actions(at: now)
        scheduler.claimed(JobID(3), count: 0, nextDue: nil)
        #expect(scheduler.actions(at: now).contains(.end(planned(3), because: nil)))
        scheduler.stop(JobID(3))
        #expect(scheduler.runningJob(JobID(3)) != nil)
        scheduler.reopen(JobID(3), due: now)
        #expect(scheduler.runningJob(JobID(3)) == nil)
    }

    @Test func `a job with a fatal failure ends after its transfers, with the first reason`() {
        var scheduler = running([1], filesInWorkMax: 8)
        _ = scheduler.actions(at: now)
        scheduler.claimed(JobID(1), count: 2, nextDue: now)
        for code in ["refused", "refused again"] {
            #expect(scheduler.actions(at: now) == [])
            scheduler.ended(
                JobID(1), day: day("2024-01-03"), result: .failed(failure(code)),
                fatal: failure(code), at: now)
        }
        #expect(
            scheduler.actions(at: now) == [.end(planned(1), because: failure("refused"))])
        #expect(scheduler.actions(at: now) == [])
        #expect(scheduler.nextMoment == nil)
    }

    @Test func `a pause holds claims back, and keys are verified again after it`() {
        var scheduler = running([1], filesInWorkMax: 8)
        prove(1, &scheduler)
        let end = now + .seconds(600)
        let isNews = [end, now + .seconds(60)].map { scheduler.pauseUpstream(until: $0) }
        #expect(isNews == [true, false])
        #expect(scheduler.actions(at: now) == [])
        #expect(scheduler.nextMoment == end)
        #expect(scheduler.actions(at: end) == [.resumeUpstream, .claimFiles(planned(1), limit: 2)])
    }

    @Test func `a pause holds no verification back, and what it finds verifies no key`() {
        var scheduler = Scheduler(
            limits: ConcurrencyLimits(filesInWorkMax: 8, runningJobsMax: 2))
        var verified = planned(2)
        verified.integrity.isBeingVerified = true
        let end = now + .seconds(600)
        _ = scheduler.pauseUpstream(until: end)
        for job in [planned(1), verified] { scheduler.started(job, at: now) }
        let claim = Scheduler.Action.claimFiles(verified, limit: 2)
        #expect(scheduler.actions(at: now) == [.claimJob(.overflow), claim])
        scheduler.claimedNoJob()
        scheduler.claimed(JobID(2), count: 2, nextDue: now)
        publish(2, "2024-01-02", &scheduler)
        #expect(scheduler.runningJob(JobID(2))?.isKeyVerified == false)
        #expect(scheduler.nextMoment == now)
        #expect(scheduler.actions(at: now) == [.claimFiles(verified, limit: 1)])
        scheduler.claimed(JobID(2), count: 0, nextDue: nil)
        scheduler.ended(
            JobID(2), day: day("2024-01-03"), result: .released(notBefore: end), fatal: nil, at: now
        )
        #expect(scheduler.actions(at: now) == [], "it is not on the disk")
        #expect(scheduler.nextMoment == end)
        let last = scheduler.actions(at: end)
        #expect(last.contains(.resumeUpstream))
        #expect(last.contains(claim))
    }

    @Test func `only a transfer of a day that is not free verifies the key`() {
        var scheduler = running([1], filesInWorkMax: 8)
        #expect(scheduler.actions(at: now) == [.claimFiles(planned(1), limit: 2)])
        scheduler.claimed(JobID(1), count: 2, nextDue: now)
        scheduler.transferBegan(JobID(1), day: day("2024-02-01"))
        #expect(scheduler.actions(at: now) == [])
        scheduler.transferBegan(JobID(1), day: day("2024-01-02"))
        #expect(scheduler.actions(at: now) == [.claimFiles(planned(1), limit: 6)])
    }

    @Test func `the start of a transfer that has ended verifies nothing`() {
        var scheduler = running([1], filesInWorkMax: 8)
        _ = scheduler.actions(at: now)
        scheduler.claimed(JobID(1), count: 1, nextDue: now)
        scheduler.ended(
            JobID(1), day: day("2024-01-02"), result: .released(notBefore: nil), fatal: nil, at: now
        )
        scheduler.transferBegan(JobID(1), day: day("2024-01-02"))
        #expect(scheduler.runningJob(JobID(1))?.isKeyVerified == false)
    }

    @Test func `with all slots taken only an event changes anything`() {
        var scheduler = running([1], filesInWorkMax: 1)
        #expect(scheduler.actions(at: now) == [.claimFiles(planned(1), limit: 1)])
        scheduler.claimed(JobID(1), count: 1, nextDue: now)
        #expect(scheduler.actions(at: now) == [])
        #expect(scheduler.nextMoment == nil)
    }

    @Test func `events of a job that is over change nothing`() {
        var scheduler = running([1], filesInWorkMax: 1)
        scheduler.close(JobID(1))
        publish(1, "2024-01-02", &scheduler)
        scheduler.claimed(JobID(1), count: 5, nextDue: now)
        #expect(scheduler.jobs.isEmpty)
        #expect(scheduler.actions(at: now) == [.claimJob(.regular)])
    }

    @Test func `its filter accepts the jobs that a claim could return, and no others`() {
        var scheduler = Scheduler(
            limits: ConcurrencyLimits(filesInWorkMax: 4, runningJobsMax: 2))
        #expect(scheduler.claimFilter == .all)
        let urgent = Priority(rawValue: 7)!
        var first = planned(1)
        first.control.priority = urgent
        for job in [first, planned(2)] { scheduler.started(job, at: now) }
        let user = first.createdBy
        #expect(
            scheduler.claimFilter == ClaimFilter(slot: .overflow, running: [user: urgent]))
        #expect(!scheduler.claimFilter.accepts(jobOf: user, priority: urgent))
        #expect(scheduler.claimFilter.accepts(jobOf: user, priority: Priority(rawValue: 8)!))
        #expect(scheduler.claimFilter.accepts(jobOf: "other", priority: Priority(rawValue: 0)!))
        scheduler.update(JobControl(priority: .normal), of: JobID(1))
        #expect(scheduler.claimFilter.accepts(jobOf: user, priority: urgent))
        scheduler.stop(JobID(2))
        #expect(scheduler.claimFilter == .all)
        for id in Int64(3)...80 { scheduler.started(planned(id), at: now) }
        #expect(scheduler.claimFilter == ClaimFilter(slot: nil))
        #expect(!scheduler.claimFilter.accepts(jobOf: "other", priority: urgent))
    }

    // MARK: -

    private func running(_ ids: [Int64], filesInWorkMax: Int) -> Scheduler {
        var scheduler = Scheduler(
            limits: ConcurrencyLimits(
                filesInWorkMax: filesInWorkMax, runningJobsMax: ids.count))
        for id in ids { scheduler.started(planned(id), at: now) }
        _ = scheduler.actions(at: now + .seconds(-1))
        scheduler.claimedNoJob()
        return scheduler
    }

    private func prove(_ id: Int64, _ scheduler: inout Scheduler) {
        scheduler.claimed(JobID(id), count: 1, nextDue: now)
        publish(id, "2024-01-02", &scheduler)
    }

    private func publish(_ id: Int64, _ text: String, _ scheduler: inout Scheduler) {
        scheduler.ended(
            JobID(id), day: day(text), result: .published(proof), fatal: nil, at: now)
    }

    private func planned(_ id: Int64) -> Job {
        var job = job(id)
        job.progress.isPlanned = true
        return job
    }

    private func job(_ id: Int64) -> Job {
        Job(
            id: JobID(id), state: .running, exchange: "binance", dataTypes: ["trades"],
            symbols: ["BTCUSDT"], startDate: "2024-01-01", endDate: "2024-03-31",
            outputPath: "./datasets", createdAt: now, createdBy: "intern")
    }

    private let proof = FileChecksum(
        bytes: 1, rows: 1, firstTimestamp: nil, lastTimestamp: nil, sha256: "")
}
