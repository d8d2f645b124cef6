// What the queue knows of files before it has them fetched, and what it makes of their sizes.

import Datasets
import Jobs
import Queue
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct VerificationTests {
    @Test func `a file that another job has is among the hints of the download`() async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time)
            try await bench.running { queue in
                try await bench.submit(to: queue, to: "2024-01-02", folder: "./datasets/a")
                #expect(try await bench.settled())
                try await bench.submit(to: queue, to: "2024-01-02", folder: "./datasets/b")
                #expect(try await bench.settled())
            }
            let context = await bench.upstream.calls.map(\.context)
            #expect(
                context == [
                    DownloadContext(isExpedited: true),
                    DownloadContext(
                        copies: [
                            PublishedCopy(
                                folder: "./datasets/a", sha256: FileChecksum.sample.sha256)
                        ], isExpedited: true),
                ])
        }
    }

    @Test func `a verification requests every file by its recorded checksum`() async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time)
            try await bench.running { queue in
                let id = try await bench.submit(to: queue)
                #expect(try await bench.settled())
                let before = await bench.upstream.calls.count
                #expect(
                    try await bench.store.beginVerification(of: id, by: .service, at: time.now)
                        != nil)
                queue.wake()
                #expect(try await bench.settled())
                #expect(try await bench.job(id).state == .completed)
                #expect(try await bench.job(id).integrity.verifiedAt != nil)
                let calls = await bench.upstream.calls.dropFirst(before)
                #expect(calls.count == 4)
                #expect(
                    calls.allSatisfy { $0.context.expectedSHA256 == FileChecksum.sample.sha256 })
                #expect(
                    await bench.channel.delivered.map(\.kind) == [.started, .completed, .completed])
            }
            #expect(await bench.store.violations.isEmpty)
        }
    }

    @Test func `with a refused key, files on the disk are verified all the same`()
        async throws
    {
        let refusal = FileFailure(code: "api_key_refused", detail: "API key refused.")
        try await VirtualTime.run { time in
            let bench = Bench(time) { call in
                // Only the first file is gone from the disk.
                guard call.context.expectedSHA256 != nil, call.file.day == day("2024-01-02") else {
                    return ScriptedDownloader.Step(.published(.sample))
                }
                return ScriptedDownloader.Step(.stopJob(refusal))
            }
            try await bench.running { queue in
                let id = try await bench.submit(to: queue, to: "2024-01-31")
                #expect(try await bench.settled())
                let before = await bench.upstream.calls.count
                _ = try await bench.store.beginVerification(of: id, by: .service, at: time.now)
                queue.wake()
                #expect(try await bench.settled())
                let files = await bench.store.files[id] ?? []
                let others = files.filter { $0.state != .ok }
                #expect(files.count == 30)
                #expect(others.map(\.file.day) == [day("2024-01-02")])
                #expect(others.map(\.failure) == [refusal])
                #expect(try await bench.job(id).state == .failed)
                let calls = await bench.upstream.calls.dropFirst(before)
                #expect(calls.first?.context.refusal == nil)
                #expect(calls.last?.context.refusal == refusal)
            }
        }
    }

    @Test func `a verified file that is not as recorded fails, even if Tardis has none`()
        async throws
    {
        try await VirtualTime.run { time in
            let bench = Bench(time) { call in
                let gone = FileFailure(code: "delisted", detail: "Gone.", finding: .missing)
                guard call.context.expectedSHA256 != nil, call.file.day == day("2024-01-03") else {
                    return ScriptedDownloader.Step(.published(.sample))
                }
                return ScriptedDownloader.Step(.unavailable(gone))
            }
            try await bench.running { queue in
                let id = try await bench.submit(to: queue)
                #expect(try await bench.settled())
                let before = try await bench.job(id)
                _ = try await bench.store.beginVerification(
                    of: id, by: .service, acceptsRevision: true, at: time.now)
                queue.wake()
                #expect(try await bench.settled())
                let job = try await bench.job(id)
                #expect(job.state == .failed)
                #expect(job.completedAt == before.completedAt)
                #expect(await bench.states(of: id) == [.ok: 3, .failed: 1])
                #expect(job.integrity.verification?.filesMissing == 1)
                #expect(await bench.upstream.calls.last?.context.acceptsRevision == true)
            }
        }
    }

    @Test func `a verification waits for the end of a pause only for what has to be put back`()
        async throws
    {
        try await VirtualTime.run { time in
            let end = time.now + .seconds(7_200)
            let bench = Bench(time) { call in
                let isGone = call.file.day == day("2024-01-03")
                guard call.context.expectedSHA256 != nil else {
                    return ScriptedDownloader.Step(
                        call.folder == "./datasets/b" && call.at < end
                            ? .pauseUpstream(for: end - call.at, failure("quota"))
                            : .published(.sample))
                }
                return ScriptedDownloader.Step(
                    isGone && call.context.isUpstreamPaused ? .awaitUpstream : .published(.sample))
            }
            try await bench.running { queue in
                let id = try await bench.submit(to: queue)
                #expect(try await bench.settled())
                try await bench.submit(to: queue, folder: "./datasets/b")
                try await time.sleep(for: .seconds(60))
                let before = await bench.upstream.calls.count
                _ = try await bench.store.beginVerification(of: id, by: .service, at: time.now)
                queue.wake()
                try await time.sleep(for: .seconds(60))
                #expect(await bench.states(of: id) == [.ok: 3, .pending: 1])
                guard case .upstreamPaused = await queue.waitReason(of: id) else {
                    Issue.record("it waits for the one that is gone")
                    return
                }
                let calls = await bench.upstream.calls.dropFirst(before)
                #expect(calls.count == 4, "each was looked for once")
                #expect(calls.allSatisfy { $0.context.isUpstreamPaused })
                try await time.sleep(for: .seconds(7_200))
                #expect(try await bench.job(id).state == .completed)
                let verifiedAt = try await bench.job(id).integrity.verifiedAt
                #expect(verifiedAt.map { $0 >= end } == true)
                let last = await bench.upstream.calls.last { $0.context.expectedSHA256 != nil }
                #expect(last?.context.isUpstreamPaused == false)
            }
            #expect(await bench.store.violations.isEmpty)
        }
    }

    @Test func `a verification of whole files ends while the upstream pauses`() async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time) { call in
                ScriptedDownloader.Step(
                    call.folder == "./datasets/b"
                        ? .pauseUpstream(for: .seconds(7_200), failure("quota"))
                        : .published(.sample))
            }
            try await bench.running { queue in
                let id = try await bench.submit(to: queue)
                #expect(try await bench.settled())
                try await bench.submit(to: queue, folder: "./datasets/b")
                try await time.sleep(for: .seconds(60))
                _ = try await bench.store.beginVerification(of: id, by: .service, at: time.now)
                queue.wake()
                try await time.sleep(for: .seconds(60))
                let job = try await bench.job(id)
                #expect(job.state == .completed)
                #expect(!job.integrity.isBeingVerified)
                #expect(await bench.channel.alerts.allSatisfy { !$0.isOver }, "still paused")
            }
        }
    }

    @Test func `a size outlier is marked, and fails no job`() async throws {
        try await VirtualTime.run { time in
            let bench = Bench(time) { call in
                var proof = FileChecksum.sample
                proof.rows = call.file.day == day("2024-01-09") ? 1_000 : 10
                return ScriptedDownloader.Step(.published(proof))
            }
            try await bench.running { queue in
                let id = try await bench.submit(to: queue, to: "2024-01-12")
                #expect(try await bench.settled())
                let job = try await bench.job(id)
                #expect(job.state == .completed)
                #expect(job.integrity.filesSuspicious == 1)
                let files = await bench.store.files[id] ?? []
                #expect(
                    files.filter { $0.sizeWarning != nil }.map(\.file.day) == [day("2024-01-09")])
            }
        }
    }

    @Test func `a store that fails to list copies holds up no job`() async throws {
        try await VirtualTime.run { time in
            let store = InMemoryJobStore { operation, _ in operation == "copies" }
            let bench = Bench(time, store: store)
            try await bench.running { queue in
                let id = try await bench.submit(to: queue)
                #expect(try await bench.settled())
                #expect(try await bench.job(id).state == .completed)
            }
        }
    }
}
