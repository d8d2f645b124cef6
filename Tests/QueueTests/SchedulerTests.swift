// Whose turn it is, as pure decisions.

import Datasets
import Jobs
import Testing

@testable import Queue

struct SchedulerTests {
    private let now = day("2024-06-15").start

    @Test func `claims one job at a time, as long as there is room`() {
        var dispatcher = Scheduler(
            bounds: ConcurrencyLimits(filesInWorkMax: 4, runningJobsMax: 2))
        #expect(dispatcher.actions(at: now) == [.claimJob(.regular)])
        #expect(dispatcher.actions(at: now) == [])
        dispatcher.admit(job(1), at: now)
        #expect(dispatcher.actions(at: now) == [.claimJob(.regular), .plan(job(1))])
        dispatcher.admit(job(2), at: now)
        #expect(dispatcher.actions(at: now) == [.claimJob(.overflow), .plan(job(2))])
        dispatcher.admitNone()
        #expect(dispatcher.actions(at: now) == [])
        dispatcher.close(JobID(1))
        #expect(dispatcher.actions(at: now) == [.claimJob(.regular)])
        dispatcher.admitNone()
        #expect(dispatcher.actions(at: now) == [])
        dispatcher.jobsMayWait()
        #expect(dispatcher.actions(at: now) == [.claimJob(.regular)])
        dispatcher.jobsMayWait()
        dispatcher.admitNone()
        #expect(dispatcher.actions(at: now) == [.claimJob(.regular)], "submitted while it looked")
    }

    @Test func `beyond its bound it claims for users who have nothing as urgent, up to a point`() {
        var dispatcher = Scheduler(
            bounds: ConcurrencyLimits(filesInWorkMax: 4, runningJobsMax: 2))
        var claims: [ClaimSlot] = []
        for id in Int64(1)...100 {
            for case .claimJob(let room) in dispatcher.actions(at: now) {
                claims.append(room)
                dispatcher.admit(job(id), at: now)
            }
        }
        #expect(claims == [.regular, .regular] + Array(repeating: .overflow, count: 64))
    }

    @Test func `asks for two files until the key is proven, then for all it may`() {
        var dispatcher = running([1], filesInWorkMax: 8)
        #expect(dispatcher.actions(at: now) == [.claimFiles(planned(1), limit: 2)])
        dispatcher.claimed(JobID(1), count: 2, nextDue: now)
        #expect(dispatcher.actions(at: now) == [])
        publish(1, "2024-01-01", &dispatcher)
        #expect(dispatcher.actions(at: now) == [.claimFiles(planned(1), limit: 1)], "a free day")
        dispatcher.claimed(JobID(1), count: 1, nextDue: now)
        publish(1, "2024-01-02", &dispatcher)
        #expect(dispatcher.actions(at: now) == [.claimFiles(planned(1), limit: 7)])
    }

    @Test func `gives slots away in turns`() {
        var dispatcher = running([1, 2, 3], filesInWorkMax: 4)
        for id in Int64(1)...3 { prove(id, &dispatcher) }
        #expect(
            dispatcher.actions(at: now) == [
                .claimFiles(planned(1), limit: 2), .claimFiles(planned(2), limit: 1),
                .claimFiles(planned(3), limit: 1),
            ])
        dispatcher.claimed(JobID(1), count: 2, nextDue: now)
        dispatcher.claimed(JobID(2), count: 1, nextDue: now)
        dispatcher.claimed(JobID(3), count: 0, nextDue: nil)
        #expect(
            dispatcher.actions(at: now) == [
                .claimFiles(planned(2), limit: 1), .end(planned(3), because: nil),
            ])
    }

    @Test func `a retry that comes while it is asked for due files is not overlooked`() {
        var dispatcher = running([1], filesInWorkMax: 8)
        _ = dispatcher.actions(at: now)
        dispatcher.claimed(JobID(1), count: 2, nextDue: now)
        publish(1, "2024-01-02", &dispatcher)
        _ = dispatcher.actions(at: now)
        let later = now + .seconds(5)
        dispatcher.ended(
            JobID(1), day: day("2024-01-03"), ending: .retry(at: later, failure("busy")),
            stop: nil, at: now)
        dispatcher.claimed(JobID(1), count: 0, nextDue: nil)
        #expect(dispatcher.actions(at: now) == [])
        #expect(dispatcher.nextMoment == later)
        #expect(dispatcher.actions(at: later) == [.claimFiles(planned(1), limit: 8)])
    }

    @Test func `a job that is cut frees its place at once, and goes when its transfers have`() {
        var dispatcher = running([1], filesInWorkMax: 2)
        #expect(dispatcher.actions(at: now) == [.claimFiles(planned(1), limit: 2)])
        dispatcher.cut(JobID(1))
        #expect(dispatcher.actions(at: now) == [.claimJob(.regular)], "a place")
        dispatcher.claimed(JobID(1), count: 2, nextDue: now)
        dispatcher.admit(planned(2), at: now)
        #expect(dispatcher.actions(at: now) == [.claimJob(.overflow)], "no transfer")
        #expect(dispatcher.transfers == 2)
        publish(1, "2024-01-02", &dispatcher)
        #expect(dispatcher.actions(at: now) == [.claimFiles(planned(2), limit: 1)])
        #expect(dispatcher.lane(of: JobID(1)) != nil)
        dispatcher.ended(
            JobID(1), day: day("2024-01-03"), ending: .released(notBefore: nil), stop: nil, at: now)
        #expect(dispatcher.lane(of: JobID(1)) == nil)
        #expect(dispatcher.lane(of: JobID(2)) != nil)
    }

    @Test func `a job that is cut while it is planned or ended goes when that is over`() {
        var dispatcher = Scheduler(
            bounds: ConcurrencyLimits(filesInWorkMax: 2, runningJobsMax: 3))
        dispatcher.admit(job(1), at: now)
        dispatcher.admit(job(2), at: now)
        dispatcher.cut(JobID(2))
        #expect(dispatcher.lane(of: JobID(2)) == nil, "nobody is at it")
        #expect(dispatcher.actions(at: now).contains(.plan(job(1))))
        dispatcher.cut(JobID(1))
        #expect(dispatcher.lane(of: JobID(1)) != nil)
        dispatcher.planned(JobID(1), at: now)
        #expect(dispatcher.lane(of: JobID(1)) == nil)
        dispatcher.admit(planned(3), at: now)
        _ = dispatcher.actions(at: now)
        dispatcher.claimed(JobID(3), count: 0, nextDue: nil)
        #expect(dispatcher.actions(at: now).contains(.end(planned(3), because: nil)))
        dispatcher.cut(JobID(3))
        #expect(dispatcher.lane(of: JobID(3)) != nil)
        dispatcher.reopen(JobID(3), due: now)
        #expect(dispatcher.lane(of: JobID(3)) == nil)
    }

    @Test func `a stopped job ends when its transfers have, with the first reason`() {
        var dispatcher = running([1], filesInWorkMax: 8)
        _ = dispatcher.actions(at: now)
        dispatcher.claimed(JobID(1), count: 2, nextDue: now)
        for code in ["refused", "refused again"] {
            #expect(dispatcher.actions(at: now) == [])
            dispatcher.ended(
                JobID(1), day: day("2024-01-03"), ending: .failed(failure(code)),
                stop: failure(code), at: now)
        }
        #expect(
            dispatcher.actions(at: now) == [.end(planned(1), because: failure("refused"))])
        #expect(dispatcher.actions(at: now) == [])
        #expect(dispatcher.nextMoment == nil)
    }

    @Test func `a park holds claims back, and afterwards begins with probes`() {
        var dispatcher = running([1], filesInWorkMax: 8)
        prove(1, &dispatcher)
        let end = now + .seconds(600)
        let isNews = [end, now + .seconds(60)].map { dispatcher.park(until: $0) }
        #expect(isNews == [true, false])
        #expect(dispatcher.actions(at: now) == [])
        #expect(dispatcher.nextMoment == end)
        #expect(dispatcher.actions(at: end) == [.unpark, .claimFiles(planned(1), limit: 2)])
    }

    @Test func `only an admission to a day that is not free proves the key`() {
        var dispatcher = running([1], filesInWorkMax: 8)
        #expect(dispatcher.actions(at: now) == [.claimFiles(planned(1), limit: 2)])
        dispatcher.claimed(JobID(1), count: 2, nextDue: now)
        dispatcher.admitted(JobID(1), day: day("2024-02-01"))
        #expect(dispatcher.actions(at: now) == [])
        dispatcher.admitted(JobID(1), day: day("2024-01-02"))
        #expect(dispatcher.actions(at: now) == [.claimFiles(planned(1), limit: 6)])
    }

    @Test func `an admission of a file that has ended by now proves nothing`() {
        var dispatcher = running([1], filesInWorkMax: 8)
        _ = dispatcher.actions(at: now)
        dispatcher.claimed(JobID(1), count: 1, nextDue: now)
        dispatcher.ended(
            JobID(1), day: day("2024-01-02"), ending: .released(notBefore: nil), stop: nil, at: now)
        dispatcher.admitted(JobID(1), day: day("2024-01-02"))
        #expect(dispatcher.lane(of: JobID(1))?.isKeyVerified == false)
    }

    @Test func `with all slots taken only an event changes anything`() {
        var dispatcher = running([1], filesInWorkMax: 1)
        #expect(dispatcher.actions(at: now) == [.claimFiles(planned(1), limit: 1)])
        dispatcher.claimed(JobID(1), count: 1, nextDue: now)
        #expect(dispatcher.actions(at: now) == [])
        #expect(dispatcher.nextMoment == nil)
    }

    @Test func `news of a job that is over changes nothing`() {
        var dispatcher = running([1], filesInWorkMax: 1)
        dispatcher.close(JobID(1))
        publish(1, "2024-01-02", &dispatcher)
        dispatcher.claimed(JobID(1), count: 5, nextDue: now)
        #expect(dispatcher.lanes.isEmpty)
        #expect(dispatcher.actions(at: now) == [.claimJob(.regular)])
    }

    @Test func `its appetite is for whatever a claim could bring, and nothing else`() {
        var dispatcher = Scheduler(
            bounds: ConcurrencyLimits(filesInWorkMax: 4, runningJobsMax: 2))
        #expect(dispatcher.appetite == .all)
        let urgent = Priority(rawValue: 7)!
        var first = planned(1)
        first.control.priority = urgent
        for job in [first, planned(2)] { dispatcher.admit(job, at: now) }
        let user = first.createdBy
        #expect(
            dispatcher.appetite == ClaimFilter(room: .overflow, running: [user: urgent]))
        #expect(!dispatcher.appetite.wants(jobOf: user, priority: urgent))
        #expect(dispatcher.appetite.wants(jobOf: user, priority: Priority(rawValue: 8)!))
        #expect(dispatcher.appetite.wants(jobOf: "other", priority: Priority(rawValue: 0)!))
        dispatcher.note(JobControl(priority: .normal), of: JobID(1))
        #expect(dispatcher.appetite.wants(jobOf: user, priority: urgent))
        dispatcher.cut(JobID(2))
        #expect(dispatcher.appetite == .all)
        for id in Int64(3)...80 { dispatcher.admit(planned(id), at: now) }
        #expect(dispatcher.appetite == ClaimFilter(room: nil))
        #expect(!dispatcher.appetite.wants(jobOf: "other", priority: urgent))
    }

    // MARK: -

    private func running(_ ids: [Int64], filesInWorkMax: Int) -> Scheduler {
        var dispatcher = Scheduler(
            bounds: ConcurrencyLimits(
                filesInWorkMax: filesInWorkMax, runningJobsMax: ids.count))
        for id in ids { dispatcher.admit(planned(id), at: now) }
        _ = dispatcher.actions(at: now + .seconds(-1))
        dispatcher.admitNone()
        return dispatcher
    }

    private func prove(_ id: Int64, _ dispatcher: inout Scheduler) {
        dispatcher.claimed(JobID(id), count: 1, nextDue: now)
        publish(id, "2024-01-02", &dispatcher)
    }

    private func publish(_ id: Int64, _ text: String, _ dispatcher: inout Scheduler) {
        dispatcher.ended(
            JobID(id), day: day(text), ending: .published(proof), stop: nil, at: now)
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
