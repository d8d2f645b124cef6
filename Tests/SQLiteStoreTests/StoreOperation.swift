// Single things that may be done to a store, chosen at random. A further operation of the store
// joins by one more entry in `kinds`.

import Datasets
import Jobs
import TestSupport

/// One operation, the same for every store.
struct StoreOperation: Sendable {
    let name: String
    /// Does it, and says what came of it in a way that can be compared.
    let run: @Sendable (any ServiceStore) async throws -> String

    /// What the next operation is chosen from.
    struct Choices {
        var random: SeededGenerator
        /// Jobs that were submitted so far.
        var jobs: Int64 = 0
        /// Files of each job: all have the same number, so that positions can be guessed.
        static let files = 6
        private(set) var now = Timestamp.noon

        mutating func number(_ range: ClosedRange<Int>) -> Int {
            Int.random(in: range, using: &random)
        }

        /// Usually one of the latest jobs, which are those that something happens to.
        mutating func job() -> JobID {
            let back = Int64(number(0...(number(0...3) == 0 ? 40 : 5)))
            return JobID(max(1, jobs - back))
        }

        mutating func pick<Element>(_ elements: [Element]) -> Element {
            elements[number(0...(elements.count - 1))]
        }

        /// A moment later than all before.
        mutating func moment() -> Timestamp {
            now = now + .milliseconds(number(1...60_000))
            return now
        }
    }

    typealias Kind = @Sendable (inout Choices) -> StoreOperation

    /// All kinds, each as often as it is to be chosen.
    static let kinds: [Kind] =
        [insert, expand, finish, recover, verify, accept, mark, remember, endFiles]
        + Array(repeating: claimJob, count: 3) + Array(repeating: claimFiles, count: 8)
        + Array(repeating: record, count: 16) + Array(repeating: deliver, count: 3)

    static func next(_ choices: inout Choices) -> StoreOperation {
        choices.jobs == 0 ? insert(&choices) : choices.pick(kinds)(&choices)
    }

    static let insert: Kind = { choices in
        choices.jobs += 1
        let request = DownloadRequest.sample(
            exchange: choices.pick(["binance", "bitmex"]),
            symbols: choices.pick([["BTCUSDT"], ["A", "Ä\"quoted\"", "C"]]),
            days: choices.number(1...3), user: choices.pick(["ann", "bob"]),
            notes: choices.pick([[], ["a note"]]))
        let now = choices.moment()
        return StoreOperation(name: "insert") { "\(try await $0.insert(request, at: now))" }
    }

    static let claimJob: Kind = { choices in
        let now = choices.moment()
        return StoreOperation(name: "claimJob") {
            "\(String(describing: try await $0.claimJob(at: now)))"
        }
    }

    static let expand: Kind = { choices in
        let id = choices.job()
        var plan = PlannedFile.samples(Choices.files)
        for index in plan.indices where choices.number(0...9) == 0 {
            plan[index].state = choices.pick([.failed, .unavailable])
            plan[index].failure = .notListed
        }
        let notes = choices.pick([[], ["a note", "another"]])
        return StoreOperation(name: "expand \(id)") { [plan] in
            try await $0.expand(id, into: plan, notes: notes)
            return ""
        }
    }

    static let claimFiles: Kind = { choices in
        let (id, limit, now) = (choices.job(), choices.number(0...4), choices.moment())
        // Files are only claimed of planned jobs: the plan comes first, where there is none yet.
        let plan = PlannedFile.samples(Choices.files)
        return StoreOperation(name: "claimFiles \(id) \(limit)") {
            try await $0.expand(id, into: plan, notes: [])
            return "\(try await $0.claimFiles(of: id, limit: limit, at: now))"
        }
    }

    static let record: Kind = { choices in
        let (id, position) = (choices.job(), choices.number(0...(Choices.files - 1)))
        let now = choices.moment()
        let proof = FileChecksum(
            bytes: Int64(choices.number(20...1_000_000)), rows: Int64(choices.number(0...2)),
            firstTimestamp: nil, lastTimestamp: nil,
            sha256: String(repeating: choices.pick(["0a", "ff", "37"]), count: 32),
            origin: choices.pick([.upstream, .upstream, .disk, .link]),
            finding: choices.pick([nil, nil, .damaged, .missing]))
        let later = now + .milliseconds(choices.number(0...90_000))
        let ending: AttemptResult = choices.pick([
            .published(proof), .published(proof), .published(proof), .unavailable(.notListed),
            .failed(.refused), .failed(.missing), .retry(at: later, .missing),
            .released(notBefore: nil),
            .released(notBefore: later),
        ])
        let span = AttemptSpan(from: now, to: later)
        return StoreOperation(name: "record \(id) \(position) \(ending)") { store in
            let records = try await store.files(of: id, in: nil, limit: 100, offset: 0)
            guard records.count > position else { return "no file" }
            try await store.record(ending, of: id, position: position, during: span)
            return ""
        }
    }

    static let endFiles: Kind = { choices in
        let (id, state) = (choices.job(), choices.pick([FileState.failed, .cancelled]))
        return StoreOperation(name: "endRemainingFiles \(id) \(state)") {
            try await $0.endRemainingFiles(of: id, as: state, because: .refused)
            return ""
        }
    }

    static let finish: Kind = { choices in
        let (id, now) = (choices.job(), choices.moment())
        let state = choices.pick([JobState.completed, .completed, .failed, .cancelled])
        return StoreOperation(name: "finish \(id) \(state)") {
            let job = try await $0.finish(id, as: state, errorMessage: "so it is", at: now)
            return "\(job.map(StoreView.comparable).map { "\($0)" } ?? "nil")"
        }
    }

    static let recover: Kind = { choices in
        let now = choices.moment()
        let limit = PoisonJobPolicy(crashesMax: choices.number(1...4))
        let alone = choices.number(0...1) == 0 ? nil : choices.job()
        let end: ProcessEnd = choices.pick([.clean, .crash(limit, alone: alone)])
        return StoreOperation(name: "recover \(end)") {
            let recovery = try await $0.recover(after: end, at: now)
            return "\(recovery.jobs.map(StoreView.comparable)) \(recovery.poisoned.sorted())"
        }
    }

    static let verify: Kind = { choices in
        let id = choices.job()
        let accepts = choices.number(0...1) == 0
        return StoreOperation(name: "beginVerification \(id)") {
            let job = try await $0.beginVerification(
                of: id, by: .service, acceptsRevision: accepts, at: .noon)
            return "\(String(describing: job.map(StoreView.comparable)))"
        }
    }

    static let accept: Kind = { choices in
        let (id, now) = (choices.job(), choices.moment())
        return StoreOperation(name: "acceptGaps \(id)") {
            let result = try await $0.acceptGaps(of: id, named: nil, by: .service, at: now)
            return "\(result.eligibility) \(StoreView.comparable(result.job))"
        }
    }

    static let mark: Kind = { choices in
        let (id, position) = (choices.job(), choices.number(0...(Choices.files - 1)))
        return StoreOperation(name: "mark \(id)") { store in
            let records = try await store.files(of: id, in: nil, limit: 100, offset: 0)
            try await store.setSizeWarnings(
                records.count > position ? [position: "odd"] : [:], of: id)
            return ""
        }
    }

    static let deliver: Kind = { choices in
        let now = choices.moment()
        let outcome: DeliveryRecord = choices.pick([
            .delivered(at: now), .delivered(at: now), .retry(at: now, reason: "later"),
            .refused(at: now, reason: "never"),
        ])
        return StoreOperation(name: "deliver") { store in
            guard let next = try await store.nextNotification() else { return "nothing" }
            try await store.record(outcome, of: next.id)
            return "\(next.id) \(next.kind)"
        }
    }

    static let remember: Kind = { choices in
        let (name, value) = (choices.pick(["a", "b"]), choices.pick(["1", "2", nil]))
        return StoreOperation(name: "remember \(name)") {
            try await $0.set(value, for: name)
            return ""
        }
    }
}
