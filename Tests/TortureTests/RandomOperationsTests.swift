// Submissions, cancels, retries, pauses, kills and full disks in any order: what was answered
// holds.

import APITypes
import Curl
import Glibc
import JSON
import ServiceSupport
import TestSupport
import Testing

@Suite(
    .serialized, .enabled(if: Torture.mayMount, "a small disk cannot be mounted here"),
    .timeLimit(.minutes(60)))
struct RandomOperationsTests {
    private static let operations = Torture.isLong ? 10_000 : 150

    @Test func `after random commands, crashes and full disks every response holds`()
        async throws
    {
        let folder = TemporaryFolder()
        let made = try await shell(
            """
            cd '\(folder.path)' && truncate -s 256M img && mkfs.ext4 -q -F img \
            && mkdir disk && mount -o loop img disk && sync -f disk
            """)
        try #require(made.isFine, "\(made.output)")
        do {
            var scene = try await Scene(in: folder)
            for number in 0..<Self.operations { try await scene.operate(number) }
            try await scene.finish()
        } catch {
            _ = try await shell("umount -l '\(folder.path)/disk'")
            throw error
        }
        _ = try await shell("umount -l '\(folder.path)/disk'")
    }

    private struct Scene {
        private let installation: Installation
        private let inspection: Inspection
        private let ledger = Ledger(folder: "x")
        private var service: RunningService
        private var model = SteeredJobs()
        private var random = SeededGenerator(seed: Torture.seed)
        private var isFull = false
        private var done: [String: Int] = [:]

        init(in folder: TemporaryFolder) async throws {
            let upstream = try await Upstream(
                arguments: ["--key", Installation.key, "--rows", "40"], in: folder.path)
            // Jobs that last, so that there is something to cancel.
            try await upstream.play(
                #"[{"match": "*.csv.gz", "times": 0, "fault": {"delay_ms": 100}}]"#)
            installation = Installation(
                on: upstream, in: folder, root: folder.path("disk"),
                settings: [
                    "DISK_RESERVE": "0", "BACKUP_INTERVAL_HOURS": "0", "CRASHES_MAX": "1000",
                    "USER_QUEUED_JOBS_MAX": "0", "DOWNLOAD_CONCURRENCY": "2",
                ])
            inspection = Inspection(root: installation.root, folder: "x")
            service = try await installation.startService()
        }

        /// Does one thing, and looks whether all that was answered is so.
        mutating func operate(_ number: Int) async throws {
            let what = Int.random(in: 0..<100, using: &random)
            switch what {
            case 0..<35: try await submit()
            case 35..<92: try await act()
            case 92..<95: try await kill()
            case 95..<97: await killWhileActing()
            default: try await isFull ? makeRoom() : fill()
            }
            let problems = model.check(against: try rows())
            try #require(problems.isEmpty, "operation \(number): \(problems)")
            guard number.isMultiple(of: 25) else { return }
            let illegal = try inspection.illegalRows()
            try #require(illegal.isEmpty, "operation \(number): \(illegal)")
        }

        private mutating func submit() async throws {
            let entry = ledger.next(in: 0, of: Int.random(in: 1...3, using: &random))
            let body = String(decoding: JSONCoding.encode(entry.request), as: UTF8.self)
            let reply = try await service.ask(
                "POST", "/download", body: body, headers: [("X-Username", entry.user)])
            let isAnswer = reply.head.status == 202 || isFull && reply.head.status >= 500
            try #require(isAnswer, "\(reply.head.status): \(reply.body)")
            count("submit \(reply.head.status)")
            guard reply.head.status == 202 else { return }
            let answer = try JSONCoding.decode(SubmitResponse.self, from: Array(reply.body.utf8))
            ledger.acknowledge(entry.user, as: answer.jobID)
            model.add(answer.jobID, of: entry.user)
        }

        /// One of the jobs submitted lately: the others have ended.
        private mutating func choice() -> (index: Int, action: SteeredJobs.Action)? {
            guard !model.jobs.isEmpty else { return nil }
            let oldest = max(0, model.jobs.count - 12)
            return (
                Int.random(in: oldest..<model.jobs.count, using: &random),
                SteeredJobs.Action.allCases.randomElement(using: &random)!
            )
        }

        private mutating func act() async throws {
            guard let (index, action) = choice() else { return }
            let job = model.jobs[index]
            let reply = try await service.ask(
                "POST", "/jobs/\(job.id)/\(action.rawValue)",
                headers: [("X-Username", job.user)])
            let status = reply.head.status
            try #require(status < 500 || isFull, "\(status): \(reply.body)")
            let problem = model.answered(status, to: action, on: index, row: try rows()[job.id])
            try #require(problem == nil, "\(problem ?? ""): \(reply.body)")
            count("\(action.rawValue) \(status)")
        }

        private mutating func kill() async throws {
            await service.crash()
            // Nothing can start where nothing can be written.
            if isFull { try await makeRoom() }
            service = try await installation.startService()
            count("kill")
        }

        private mutating func killWhileActing() async {
            guard let (index, action) = choice() else { return }
            let (job, service) = (model.jobs[index], service)
            let span = Duration.microseconds(Int.random(in: 0...4_000, using: &random))
            async let reply = try? service.ask(
                "POST", "/jobs/\(job.id)/\(action.rawValue)",
                headers: [("X-Username", job.user)])
            await Torture.pass(span)
            await service.crash()
            let status = await reply?.head.status
            do {
                if isFull { try await makeRoom() }
                self.service = try await installation.startService()
                if let status, status < 500 {
                    let row = try rows()[job.id]
                    let problem = model.answered(status, to: action, on: index, row: row)
                    #expect(problem == nil)
                } else {
                    model.unanswered(action, on: index)
                }
            } catch {
                Issue.record(error)
            }
            count("kill while acting")
        }

        private mutating func fill() async throws {
            _ = try await shell("cat /dev/zero > '\(installation.root)/filler' 2>/dev/null")
            isFull = true
            count("fill")
        }

        private mutating func makeRoom() async throws {
            _ = try await shell("rm -f '\(installation.root)/filler'")
            isFull = false
        }

        private mutating func count(_ what: String) { done[what, default: 0] += 1 }

        private func rows() throws -> [Int64: SteeredJobs.Row] {
            let lines = try installation.query("SELECT id, status, paused FROM download_jobs")
            return Dictionary(
                uniqueKeysWithValues: lines.split(separator: "\n").compactMap { line in
                    let parts = line.split(separator: "|")
                    guard parts.count == 3, let id = Int64(parts[0]) else { return nil }
                    return (
                        id, SteeredJobs.Row(status: String(parts[1]), isPaused: parts[2] == "1")
                    )
                })
        }

        /// Lets everything end that may, and looks at all of it.
        mutating func finish() async throws {
            try await makeRoom()
            for (index, job) in model.jobs.enumerated() where job.wish == .paused {
                let reply = try await service.ask(
                    "POST", "/jobs/\(job.id)/resume", headers: [("X-Username", job.user)])
                let row = try rows()[job.id]
                #expect(model.answered(reply.head.status, to: .resume, on: index, row: row) == nil)
            }
            let isOver = await eventually(within: .seconds(120)) {
                let open = "SELECT count(*) FROM download_jobs WHERE completed_at IS NULL"
                return (try? installation.query(open)) == "0"
            }
            try #require(isOver, "\(service.process.errors.suffix(3_000))")
            let rows = try rows()
            #expect(model.check(against: rows).isEmpty)
            // Submissions that were answered by an error may have become jobs all the same, since
            // a full disk may have kept them or not; they must then be as whole as the others.
            let cancelled = Set(model.jobs.lazy.filter { $0.wish == .cancelled }.map(\.id))
            for (id, row) in rows where !cancelled.contains(id) {
                #expect(row.status == "completed", "job \(id)")
            }
            let left = try inspection.illegalRows() + inspection.damage()
            #expect(left.isEmpty, "\(left)")
            let damaged = try await inspection.damagedFiles(
                recordedIn: installation.database)
            #expect(damaged.isEmpty, "\(damaged)")
            print(
                done.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(
                    separator: ", "))
            #expect(await service.stop() == 0)
        }
    }
}
