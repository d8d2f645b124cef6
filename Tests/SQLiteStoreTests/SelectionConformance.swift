// What every store must do when people change members of jobs, or mean many jobs at once.

import Datasets
import Jobs
import TestSupport
import Testing

@Suite struct SelectionConformance {
    private static let ann = Principal(name: "ann")

    @Test(arguments: StoreKind.all)
    func `urgency and pin are changed together, in any state`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        let job = try await test.store.insert(.sample(), at: .noon)
        let urgent = try #require(Priority(rawValue: 8))
        func change(_ priority: Priority?, _ isPinned: Bool?) async throws -> JobActionResult {
            try await test.store.execute(
                .change(priority: priority, isPinned: isPinned), on: job.id,
                by: SelectionConformance.ann, at: .noon)
        }
        let both = try await change(urgent, true)
        #expect(both.job.control == JobControl(priority: urgent, isPinned: true))
        #expect(try await change(urgent, nil) == JobActionResult(.unchanged, both.job))
        #expect(try await change(nil, true).eligibility == .unchanged)
        _ = try await test.store.claimJob(at: .noon)
        #expect(try await change(.normal, nil).job.control == JobControl(isPinned: true))
        _ = try await test.store.finish(job.id, as: .failed, errorMessage: "why", at: .noon)
        #expect(try await change(nil, false).job.control == JobControl())
        let events = try await test.store.events(of: job.id, limit: 99, offset: 0).events
        #expect(
            events.map(\.kind) == [
                .submitted, .prioritized, .pinned, .started, .prioritized, .failed, .unpinned,
            ])
        #expect(events[1].detail == "From 5 to 8.")
    }

    @Test(arguments: StoreKind.all)
    func `those that an action can change come first, and all are counted`(
        kind: StoreKind
    ) async throws {
        let test = try StoreUnderTest(kind)
        for number in 0..<9 {
            _ = try await test.store.insert(
                .sample(
                    exchange: number < 6 ? "binance" : "deribit",
                    user: number < 3 ? "ann" : "bob"),
                at: .noon)
        }
        func act(_ action: JobAction, _ ids: Int64...) async throws {
            for id in ids {
                _ = try await test.store.execute(action, on: JobID(id), by: .service, at: .noon)
            }
        }
        func select(
            _ action: JobAction, _ filter: JobFilter = JobFilter(), limit: Int = 99
        ) async throws -> JobSelection {
            try await test.store.selection(for: action, matching: filter, limit: limit)
        }
        try await act(.cancel, 9, 1)
        try await act(.pause, 8, 2)
        let cancel = try await select(.cancel)
        #expect(cancel.jobs.map(\.id.rawValue) == [8, 7, 6, 5, 4, 3, 2, 9, 1])
        #expect(cancel.matched == 9)
        #expect(cancel.actionable == 7)
        let pause = try await select(.pause, limit: 6)
        #expect(pause.jobs.map(\.id.rawValue) == [7, 6, 5, 4, 3, 9])
        #expect(pause.actionable == 5)
        #expect(try await select(.resume).jobs.prefix(2).map(\.id.rawValue) == [8, 2])
        #expect(try await select(.retry).jobs.prefix(2).map(\.id.rawValue) == [9, 1])
        let mine = try await select(.cancel, JobFilter(user: "ann", exchange: "binance"))
        #expect(mine.jobs.map(\.id.rawValue) == [3, 2, 1])
        #expect(mine.actionable == 2)
        let ended = try await select(.cancel, JobFilter(state: .cancelled))
        #expect(ended.jobs.map(\.id.rawValue) == [9, 1])
        #expect(ended.actionable == 0)
        for action in [.cancel, .retry, .pause, .resume] as [JobAction] {
            let selection = try await select(action)
            let possible = selection.jobs.filter { action.eligibility(of: $0) == .act }
            #expect(possible.count == selection.actionable, "\(action)")
        }
    }

    @Test(arguments: StoreKind.all)
    func `a job is behind those that are claimed before it`(kind: StoreKind) async throws {
        let test = try StoreUnderTest(kind)
        for _ in 0..<4 { _ = try await test.store.insert(.sample(), at: .noon) }
        let last = JobID(4)
        #expect(try await test.store.jobsAhead(of: last, at: .noon) == 3)
        _ = try await test.store.execute(.pause, on: JobID(2), by: .service, at: .noon)
        #expect(try await test.store.jobsAhead(of: last, at: .noon) == 2)
        _ = try await test.store.claimJob(at: .noon)
        #expect(try await test.store.jobsAhead(of: last, at: .noon) == 1)
        #expect(try await test.store.jobsAhead(of: JobID(3), at: .noon) == 0)
    }

    @Test(arguments: StoreKind.all)
    func `the history tells a job's whole life, in order and in pages`(
        kind: StoreKind
    ) async throws {
        let test = try StoreUnderTest(kind)
        let bob = Principal(name: "bob", address: "10.0.0.9")
        let job = try await test.runningJob(files: 1)
        try await test.store.note(
            .parked, about: .jobs([job.id]), by: .service, detail: "Until 14:05.",
            setting: ["a": "b"],
            at: .noon(plusSeconds: 1))
        for action in [.pause, .resume, .cancel, .retry] as [JobAction] {
            _ = try await test.store.execute(
                action, on: job.id, by: bob, at: .noon(plusSeconds: 2))
            _ = try await test.store.execute(action, on: job.id, by: bob, at: .noon)
        }
        _ = try await test.store.claimJob(at: .noon)
        _ = try await test.store.claimFiles(of: job.id, limit: 1, at: .noon)
        try await test.store.record(.published(.sample()), of: job.id, position: 0)
        _ = try await test.store.finish(job.id, as: .completed, errorMessage: nil, at: .noon)
        _ = try await test.store.beginVerification(of: job.id, by: bob, at: .noon)
        _ = try await test.store.insert(.sample(user: "eve"), at: .noon)
        #expect(try await test.store.value(for: "a") == "b")

        let page = try await test.store.events(of: job.id, limit: 99, offset: 0)
        #expect(
            page.events.map(\.kind) == [
                .submitted, .started, .planned, .parked, .paused, .resumed, .cancelled, .retried,
                .started, .completed, .verifying,
            ])
        #expect(page.total == 11)
        #expect(page.events.map(\.id) == page.events.map(\.id).sorted())
        #expect(page.events.allSatisfy { $0.job == job.id })
        #expect(page.events[0].principal.name == "intern")
        #expect(page.events[1].principal.name == "service")
        #expect(page.events[2].detail == "1 file")
        #expect(page.events[3].detail == "Until 14:05.")
        #expect(page.events[4].principal == bob)
        #expect(page.events[4].at == .noon(plusSeconds: 2))
        #expect(page.events[7].detail == "1 file")
        let middle = try await test.store.events(of: job.id, limit: 2, offset: 4)
        #expect(middle.events == Array(page.events[4..<6]))
        #expect(middle.total == 11)
        #expect(try await test.store.lastEvent(of: job.id, .started) == page.events[8])
        #expect(try await test.store.lastEvent(of: job.id, .crashed) == nil)
        let all = try await test.store.events(of: nil, limit: 2, offset: 0)
        #expect(all.events.map(\.kind) == [.submitted, .verifying])
        #expect(all.total == 12)
    }
}
