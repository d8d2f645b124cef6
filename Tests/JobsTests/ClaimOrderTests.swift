// Which pending job is claimed next.

import Datasets
import Jobs
import TestSupport
import Testing

struct ClaimOrderTests {
    private let start = Timestamp("2024-06-15T00:00:00Z")!

    @Test func `the most urgent comes first, then the fewest running, then the longest wait`() {
        let jobs = [
            job(1, "ann", 5, after: 0), job(2, "bob", 5, after: 1), job(3, "eve", 7, after: 2),
            job(4, "ann", 7, after: 1),
        ]
        #expect(order(jobs) == [4, 3, 1, 2])
        #expect(order(jobs, running: ["ann": 2]) == [3, 4, 2, 1])
        #expect(order(jobs, running: ["ann": 2, "bob": 3, "eve": 1]) == [3, 4, 1, 2])
    }

    @Test func `waiting for an interval gains one priority level`() {
        let fresh = job(2, "bob", 5, after: 3_000)
        #expect(order([job(1, "ann", 0, after: 1), fresh], at: 3_000) == [2, 1])
        #expect(order([job(1, "ann", 0, after: 0), fresh], at: 3_000) == [1, 2])
        let urgency = ClaimOrder(running: [:], at: start + .seconds(599))
        #expect(urgency.urgency(of: job(1, "ann", 3, after: 0)) == 3)
        #expect(urgency.urgency(of: job(1, "ann", 3, after: 5_000)) == 3, "the clock was set back")
        #expect(
            ClaimOrder(running: [:], at: start + .seconds(6_000))
                .urgency(of: job(1, "ann", 3, after: 0)) == 13)
    }

    @Test func `the overflow slot is for users without an equally urgent running job`() {
        let jobs = [
            job(1, "ann", 5, after: 0), job(2, "ann", 6, after: 1), job(3, "bob", 0, after: 2),
        ]
        let running = ["ann": RunningJobs(count: 4, priorityMax: Priority(rawValue: 5)!)]
        let claims = ClaimOrder(running: running, at: start)
        #expect(claims.next(of: jobs, for: .overflow)?.id == JobID(2))
        #expect(claims.next(of: [jobs[0], jobs[2]], for: .overflow)?.id == JobID(3))
        #expect(claims.next(of: [jobs[0]], for: .overflow) == nil)
        #expect(claims.next(of: [jobs[0]], for: .regular)?.id == JobID(1))
    }

    /// A stream of the most urgent jobs, faster than they can be run: the least urgent one is
    /// claimed all the same, as soon as waiting has made up for its priority.
    @Test func `no job starves`() throws {
        var waiting = [job(1, "ann", 0, after: 0)]
        for step in 1..<1_000 {
            let now = start + .seconds(step * 60)
            for _ in 0..<2 {
                waiting.append(job(Int64(waiting.count + step * 2), "eve", 9, step * 60))
            }
            let claims = ClaimOrder(running: [:], at: now)
            let next = try #require(claims.next(of: waiting, for: .regular))
            if next.id == JobID(1) {
                #expect(step * 60 <= 2 * 10 * 600)
                return
            }
            waiting.removeAll { $0.id == next.id }
        }
        Issue.record("the least urgent job was never claimed")
    }

    /// What the stores rely on: of every user and priority only the oldest matters.
    @Test(arguments: 0..<200) func `the oldest job of every user and priority is candidate enough`(
        seed: UInt64
    ) {
        var random = SeededGenerator(seed: seed)
        let users = ["ann", "bob", "eve"]
        let jobs = (1...Int64.random(in: 1...30, using: &random)).map { id in
            job(
                id, users.randomElement(using: &random) ?? "", .random(in: 0...9, using: &random),
                .random(in: 0...9_000, using: &random))
        }
        var running: [String: RunningJobs] = [:]
        for user in users where Bool.random(using: &random) {
            running[user] = RunningJobs(
                count: .random(in: 1...4, using: &random),
                priorityMax: Priority(rawValue: .random(in: 0...9, using: &random))!)
        }
        let claims = ClaimOrder(
            running: running, at: start + .seconds(Int.random(in: 0...9_000, using: &random)))
        let heads = Dictionary(grouping: jobs) { "\($0.user) \($0.priority.rawValue)" }.values
            .compactMap { $0.min { ($0.since, $0.id) < ($1.since, $1.id) } }
        for room in [ClaimSlot.regular, .overflow] {
            #expect(claims.next(of: jobs, for: room) == claims.next(of: heads, for: room))
        }
    }

    /// In narrow ranges, so that many jobs are equally urgent and users take turns.
    @Test(arguments: 0..<300) func `the jobs ahead are those that are claimed before`(
        seed: UInt64
    ) {
        var random = SeededGenerator(seed: seed)
        let users = ["ann", "bob", "eve"]
        let jobs = (1...Int64.random(in: 1...40, using: &random)).map { id in
            job(
                id, users.randomElement(using: &random) ?? "", .random(in: 4...6, using: &random),
                .random(in: 0...1_500, using: &random))
        }
        var running: [String: Int] = [:]
        for user in users { running[user] = Int.random(in: 0...5, using: &random) }
        let now = start + .seconds(Int.random(in: 0...2_500, using: &random))
        func claims() -> ClaimOrder {
            ClaimOrder(
                running: running.filter { $0.value > 0 }.mapValues {
                    RunningJobs(count: $0, priorityMax: .normal)
                }, at: now)
        }
        let before = claims()
        let ahead = Dictionary(
            uniqueKeysWithValues: jobs.map { ($0.id, before.jobsAhead(of: $0.id, in: jobs)) })
        var (rest, count) = (jobs, 0)
        while let next = claims().next(of: rest, for: .regular) {
            #expect(ahead[next.id] == count)
            count += 1
            running[next.user, default: 0] += 1
            rest.removeAll { $0.id == next.id }
        }
        #expect(count == jobs.count)
        #expect(before.jobsAhead(of: JobID(99), in: jobs) == 0)
    }

    // MARK: -

    private func order(
        _ jobs: [WaitingJob], running: [String: Int] = [:], at second: Int = 10
    ) -> [Int64] {
        let claims = ClaimOrder(
            running: running.mapValues { RunningJobs(count: $0, priorityMax: .normal) },
            at: start + .seconds(second))
        var (rest, order) = (jobs, [Int64]())
        while let next = claims.next(of: rest, for: .regular) {
            order.append(next.id.rawValue)
            rest.removeAll { $0.id == next.id }
        }
        return order
    }

    private func job(
        _ id: Int64, _ user: String, _ priority: Int, after seconds: Int
    ) -> WaitingJob {
        job(id, user, priority, seconds)
    }

    private func job(
        _ id: Int64, _ user: String, _ priority: Int, _ seconds: Int
    ) -> WaitingJob {
        WaitingJob(
            id: JobID(id), user: user, priority: Priority(rawValue: priority)!,
            since: start + .seconds(seconds))
    }
}
