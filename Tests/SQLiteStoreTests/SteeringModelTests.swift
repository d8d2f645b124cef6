// Random histories: whatever people and the queue do in whatever order, a real store and the one in
// memory come to the same, and no state is ever illegal.

import Datasets
import Jobs
import TestSupport
import Testing

@Suite struct SteeringModelTests {
    @Test(arguments: StoreKind.all, 0..<6)
    func `a store and its model agree after every step`(kind: StoreKind, seed: UInt64) async throws
    {
        let test = try StoreUnderTest(kind)
        let model = InMemoryJobStore()
        var random = SeededGenerator(seed: seed)
        for step in 0..<250 {
            let now = Timestamp.noon(plusSeconds: step)
            let move = Move.random(at: now, using: &random)
            let (mine, theirs) = try await (move.make(on: test.store), move.make(on: model))
            #expect(mine == theirs, "step \(step): \(move)")
            let (real, imagined) = try await (Picture(of: test.store), Picture(of: model))
            try #require(real == imagined, "step \(step): \(move)")
        }
        #expect(await model.violations.isEmpty)
    }
}

/// What is compared: not what only one store keeps, such as digests.
private struct Picture: Equatable {
    var jobs: [Job] = []
    var files: [[String]] = []
    var events: [String] = []
    var news: JobNotification.Kind?

    init(of store: any ServiceStore) async throws {
        jobs = try await store.jobs(matching: JobFilter(), limit: 100, from: .offset(0)).jobs.map {
            job in
            var job = job
            job.integrity = JobIntegrity()
            return job
        }
        for job in jobs {
            let records = try await store.files(of: job.id, in: nil, limit: 100, offset: 0)
            files.append(records.map { "\($0.state) \($0.attempts) \($0.failure?.code ?? "")" })
        }
        events = try await store.events(of: nil, limit: 10_000, offset: 0).events.map { event in
            "\(event.job?.rawValue ?? 0) \(event.kind) \(event.at) \(event.principal.name)"
        }
        news = try await store.nextNotification()?.kind
    }
}

/// One thing that people or the queue do.
private enum Move: Sendable {
    case submit
    case claim
    case plan(JobID)
    /// Claims files and ends each of them somehow.
    case work(JobID, [AttemptResult])
    case end(JobID)
    case act(JobAction, JobID)
    case verify(JobID)
    case accept(JobID)
    case restart

    /// Jobs are numbered from 1; one in so many is not there.
    static func random(at now: Timestamp, using random: inout SeededGenerator) -> Move {
        let id = JobID(Int64.random(in: 1...6, using: &random))
        switch Int.random(in: 0..<20, using: &random) {
        case 0: return .submit
        case 1...3: return .claim
        case 4...6: return .plan(id)
        case 7...10:
            let endings: [AttemptResult] = [
                .published(.sample()), .published(.sample(rows: 0)), .failed(.refused),
                .retry(at: now, .refused), .released(notBefore: nil), .unavailable(.notListed),
                .failed(.missing),
            ]
            let count = Int.random(in: 1...3, using: &random)
            return .work(id, (0..<count).compactMap { _ in endings.randomElement(using: &random) })
        case 11...13: return .end(id)
        case 14...17:
            let actions: [JobAction] = [
                .cancel, .retry, .retryGaps, .pause, .resume,
                .change(priority: Priority(rawValue: 7), isPinned: true),
            ]
            return .act(actions.randomElement(using: &random) ?? .cancel, id)
        case 18: return Bool.random(using: &random) ? .verify(id) : .accept(id)
        default: return .restart
        }
    }

    /// Makes the move; the queue's moves as the queue makes them.
    ///
    /// - Returns: what came of it, to be compared.
    func make(on store: any ServiceStore) async throws -> String {
        let ann = Principal(name: "ann", address: "10.0.0.7")
        switch self {
        case .submit:
            return "\(try await store.insert(.sample(days: 3), at: .noon).id)"
        case .claim:
            return "\(try await store.claimJob(at: .noon)?.id.rawValue ?? 0)"
        case .plan(let id):
            guard try await store.job(id) != nil else { return "" }
            try await store.expand(id, into: PlannedFile.samples(3), notes: [], at: .noon)
            return ""
        case .work(let id, let endings):
            let files = try await store.claimFiles(
                of: id, limit: endings.count, at: .noon(plusSeconds: 10_000))
            for (file, ending) in zip(files, endings) {
                try await store.record(ending, of: id, position: file.position)
            }
            return "\(files.map(\.position))"
        case .end(let id): return try await end(id, in: store)
        case .act(let action, let id):
            guard try await store.job(id) != nil else { return "" }
            let result = try await store.execute(action, on: id, by: ann, at: .noon)
            return "\(result.eligibility) \(result.job.state)"
        case .verify(let id):
            guard try await store.job(id) != nil else { return "" }
            let job = try await store.beginVerification(of: id, by: ann, at: .noon)
            return "\(job?.state.rawValue ?? "")"
        case .accept(let id):
            guard try await store.job(id) != nil else { return "" }
            let result = try await store.acceptGaps(of: id, named: nil, by: ann, at: .noon)
            return "\(result.eligibility) \(result.job.state)"
        case .restart: return "\(try await store.recover().map(\.id))"
        }
    }

    private func end(_ id: JobID, in store: any ServiceStore) async throws -> String {
        guard let job = try await store.job(id), job.state == .running, job.progress.isPlanned
        else { return "" }
        let tally = try await store.fileStateCounts(of: id)
        guard tally.open == 0 else { return "open" }
        let isGood = tally.counts.keys.allSatisfy(\.isGood)
        let ended = try await store.finish(
            id, as: isGood ? .completed : .failed, errorMessage: isGood ? nil : "why", at: .noon)
        return "\(ended?.state.rawValue ?? "")"
    }
}
