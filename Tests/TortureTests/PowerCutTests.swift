// The power of the disk is cut at random moments: what was never synced is gone. An image of a
// mounted file system, copied while its service stands still, is what such a cut leaves.

import APITypes
import Glibc
import JSON
import ServiceSupport
import TestSupport
import Testing

@Suite(
    .serialized, .enabled(if: Torture.mayMount, "images cannot be mounted here: that needs root"),
    .timeLimit(.minutes(60)))
struct PowerCutTests {
    private static let images = Torture.isLong ? 100 : 3
    /// ext4 would write its journal by itself every five seconds; here only who syncs is safe.
    private static let options = "loop,commit=300"

    @Test func `no power cut loses an acknowledged job or leaves a wrong file`() async throws {
        var random = SeededGenerator(seed: Torture.seed)
        let folder = TemporaryFolder()
        let made = try await shell(
            """
            cd '\(folder.path)' && truncate -s 192M img && mkfs.ext4 -q -F img \
            && mkdir disk cut && mount -o \(Self.options) img disk && sync -f disk
            """)
        try #require(made.isFine, "\(made.output)")
        do {
            try await cut(folder, with: &random)
        } catch {
            _ = try await shell("umount -l '\(folder.path)/cut' '\(folder.path)/disk'")
            throw error
        }
        _ = try await shell("umount -l '\(folder.path)/cut'; umount -l '\(folder.path)/disk'")
    }

    private func cut(_ folder: TemporaryFolder, with random: inout SeededGenerator) async throws {
        let sandbox = TemporaryFolder()
        let upstream = try await Upstream(
            arguments: ["--key", Installation.key, "--rows", "400"], in: sandbox.path)
        let installation = Installation(
            on: upstream, in: folder, root: folder.path("disk"),
            settings: ["DISK_RESERVE": "0", "BACKUP_INTERVAL_HOURS": "0"])
        let service = try await installation.startService()
        let ledger = Ledger(folder: "x")
        var promised = ledger
        for image in 0..<Self.images {
            let days = (0..<6).map { _ in Int.random(in: 1...3, using: &random) }
            let span = Duration.milliseconds(Int.random(in: 0...120, using: &random))
            async let submitting: Void = submit(days, to: service, ledger)
            await Torture.pass(span)
            // Answers that have come by now were given for good.
            promised = ledger.copy()
            service.process.send(SIGSTOP)
            let copied = try await shell(
                "cd '\(folder.path)' && rm -f *.cut && cp --sparse=always img \(image).cut")
            service.process.send(SIGCONT)
            try #require(copied.isFine, "\(copied.output)")
            try await submitting
            // Each under a name of its own: mount would take a loop device that has not let go of
            // the last one yet, with what it remembers of that.
            try await check(folder, promised, image)
        }
        try await goOn(folder, upstream, promised, Self.images - 1)
        #expect(await service.stop() == 0)
        print("\(Self.images) power cuts, \(ledger.acknowledged.count) jobs promised")
    }

    private func submit(
        _ days: [Int], to service: RunningService, _ ledger: Ledger
    ) async throws {
        for days in days {
            let entry = ledger.next(in: 0, of: days)
            let body = String(decoding: JSONCoding.encode(entry.request), as: UTF8.self)
            let reply = try await service.ask(
                "POST", "/download", body: body, headers: [("X-Username", entry.user)])
            let answer = try JSONCoding.decode(SubmitResponse.self, from: Array(reply.body.utf8))
            ledger.acknowledge(entry.user, as: answer.jobID)
        }
    }

    /// Mounts the image, which plays the journal back, and looks at what is there.
    private func check(_ folder: TemporaryFolder, _ promised: Ledger, _ image: Int) async throws {
        let mounted = try await shell(
            "cd '\(folder.path)' && mount -o \(Self.options) \(image).cut cut")
        try #require(mounted.isFine, "\(mounted.output)")
        let inspection = Inspection(root: folder.path("cut"), folder: "x")
        let problems = try await inspection.problemsOfTheDead(promised)
        #expect(problems.isEmpty, "image \(image): \(problems)")
        // Programs of other tests, started meanwhile, may have a look at it for a moment.
        let isUnmounted = try await eventually {
            try await shell("umount '\(folder.path)/cut'").isFine
        }
        try #require(isUnmounted)
    }

    /// On the last image a service goes on as if nothing had been.
    private func goOn(
        _ folder: TemporaryFolder, _ upstream: Upstream, _ promised: Ledger, _ image: Int
    ) async throws {
        let mounted = try await shell(
            "cd '\(folder.path)' && mount -o \(Self.options) \(image).cut cut")
        try #require(mounted.isFine, "\(mounted.output)")
        let installation = Installation(
            on: upstream, in: folder, root: folder.path("cut"), settings: ["DISK_RESERVE": "0"])
        let service = try await installation.startService()
        let isOver = await eventually(within: .seconds(60)) {
            (try? installation.query(
                "SELECT count(*) FROM download_jobs WHERE completed_at IS NULL")) == "0"
        }
        #expect(isOver)
        let inspection = Inspection(root: installation.root, folder: "x")
        _ = await eventually(within: .seconds(5)) { inspection.parts.isEmpty }
        let problems = try await inspection.problemsAtRest(promised)
        #expect(problems.isEmpty, "\(problems)")
        #expect(await service.stop() == 0)
    }
}
