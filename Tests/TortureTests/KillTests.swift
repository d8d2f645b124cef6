// The service is killed at random moments while jobs pour in: what was promised is there, once and
// whole, and ends.

import APITypes
import Curl
import Glibc
import JSON
import ServiceSupport
import Synchronization
import TestSupport
import Testing

@Suite(.serialized, .timeLimit(.minutes(60)))
struct KillTests {
    /// More would only make the rounds longer.
    private static let jobsPerRound = Torture.isLong ? 40 : 16
    private static let submitters = 6

    @Test func `killed at any moment, the service loses no job, repeats no effect, and goes on`()
        async throws
    {
        var random = SeededGenerator(seed: Torture.seed)
        let installation = try await Installation(
            sandbox: ["--rows", "40"],
            settings: ["DOWNLOAD_CONCURRENCY": "8", "BACKUP_INTERVAL_HOURS": "0"])
        var service = try await installation.startService()
        var (kills, jobs) = (0, 0)
        for round in 0..<Torture.rounds {
            var scene = Scene(installation, round: round)
            try await scene.torment(service, with: &random, jobs: Self.jobsPerRound)
            service = try await scene.restart(with: &random)
            try await scene.settle(service)
            (kills, jobs) = (kills + scene.kills, jobs + scene.ledger.acknowledged.count)
        }
        // A notification whose delivery was under way may come twice, once for each kill.
        let messages = try await installation.upstream.messages().count
        let news = Int(try installation.query("SELECT count(*) FROM notifications")) ?? 0
        #expect((news...(news + kills)).contains(messages))
        #expect(jobs > Torture.rounds, "something was accepted at all")
        print("\(kills) kills, \(jobs) jobs promised, \(messages - news) messages twice")
        #expect(await service.stop() == 0)
    }

    /// What is still to be submitted, shared by all that do.
    private final class Batch: Sendable {
        private let left: Mutex<ArraySlice<Int>>

        init(_ days: [Int]) {
            left = Mutex(days[...])
        }

        func next() -> Int? { left.withLock { $0.popFirst() } }
    }

    /// One round.
    private struct Scene {
        let installation: Installation
        let ledger: Ledger
        let inspection: Inspection
        let round: Int
        private(set) var kills = 0
        /// Files that must not be asked for any more.
        private var published: [String] = []

        init(_ installation: Installation, round: Int) {
            self.installation = installation
            self.round = round
            ledger = Ledger(folder: "round-\(round)")
            inspection = Inspection(root: installation.root, folder: "round-\(round)")
        }

        /// Submits at full rate, looks at the database meanwhile, and kills at a random moment.
        mutating func torment(
            _ service: RunningService, with random: inout SeededGenerator, jobs: Int
        ) async throws {
            let days = (0..<jobs).map { _ in Int.random(in: 1...3, using: &random) }
            let batch = Batch(days)
            // Some rounds while jobs pour in, some while the last of them run.
            let span = Duration.milliseconds(
                Int.random(in: 0...(round.isMultiple(of: 3) ? 600 : 200), using: &random))
            let (ledger, inspection, round) = (ledger, inspection, round)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<KillTests.submitters {
                    group.addTask {
                        while let days = batch.next() {
                            await Scene.submit(ledger.next(in: round, of: days), service, ledger)
                        }
                    }
                }
                group.addTask {
                    while service.process.exitCode == nil {
                        let found = try? await blocking {
                            try inspection.illegalStates() + inspection.damage()
                        }
                        // A service that dies meanwhile leaves a log that this cannot read.
                        #expect(found?.isEmpty ?? true, "\(found ?? [])")
                        await Torture.pass(.milliseconds(30))
                        if found == nil { _ = await eventually { service.process.exitCode != nil } }
                    }
                }
                group.addTask {
                    await Torture.pass(span)
                    await service.crash()
                }
                try await group.waitForAll()
            }
            try await note()
        }

        /// Submits one; that it is refused or not answered is what happens to the killed.
        private static func submit(
            _ entry: Ledger.Entry, _ service: RunningService, _ ledger: Ledger
        ) async {
            let body = String(decoding: JSONCoding.encode(entry.request), as: UTF8.self)
            let reply = try? await service.ask(
                "POST", "/download", body: body, headers: [("X-Username", entry.user)])
            guard let reply else { return }
            #expect(reply.head.status == 202 || reply.head.status == 503, "\(reply.body)")
            let answer = try? JSONCoding.decode(SubmitResponse.self, from: Array(reply.body.utf8))
            if let answer { ledger.acknowledge(entry.user, as: answer.jobID) }
        }

        /// Starts it again; every fourth round it is killed while it starts, and started once more.
        mutating func restart(with random: inout SeededGenerator) async throws -> RunningService {
            if Int.random(in: 0..<4, using: &random) == 0 {
                let span = Duration.milliseconds(Int.random(in: 0...250, using: &random))
                let process = try installation.spawnService(through: ["/usr/bin/env"])
                await Torture.pass(span)
                process.send(SIGKILL)
                await process.waitForExit()
                try await note()
            }
            return try await installation.startService()
        }

        /// Looks at what a kill has left.
        private mutating func note() async throws {
            kills += 1
            let problems = try await inspection.problemsOfTheDead(ledger)
            #expect(problems.isEmpty, "round \(round), after a kill: \(problems)")
            try await checkRequests()
            published = inspection.published
            try await installation.upstream.forgetRequests()
        }

        private func checkRequests() async throws {
            let asked = try await Set(installation.upstream.requests(for: ".csv.gz").map(\.path))
            for name in published {
                // binance_trades_2024-03-05_BTCUSDT.csv.gz is …/2024/03/05/BTCUSDT.csv.gz
                let parts = name.split(separator: "_")
                let path =
                    "/v1/\(parts[0])/\(parts[1])/\(String(parts[2]).replacing("-", with: "/"))"
                    + "/\(parts[3])"
                #expect(!asked.contains(path), "round \(round): \(name) was fetched again")
            }
        }

        /// Waits until all is done, then looks at everything.
        func settle(_ service: RunningService) async throws {
            let isOver = await eventually(within: .seconds(60)) {
                let open = try? installation.query(
                    """
                    SELECT (SELECT count(*) FROM download_jobs WHERE completed_at IS NULL)
                        + (SELECT count(*) FROM notifications
                            WHERE delivered_at IS NULL AND refused_at IS NULL)
                    """)
                return open == "0"
            }
            try #require(isOver, "round \(round): \(service.process.errors.suffix(3_000))")
            _ = await eventually(within: .seconds(5)) { inspection.parts.isEmpty }
            let problems = try await inspection.problemsAtRest(ledger)
            #expect(problems.isEmpty, "round \(round), at rest: \(problems)")
            try await checkRequests()
            if let last = ledger.acknowledged.last, let id = last.id {
                let job = try await service.job(id)
                #expect(job.createdBy == last.user)
                #expect(job.status == "completed")
            }
        }
    }
}
