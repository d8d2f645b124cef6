// Files that are at hand elsewhere below the data root, and files that are no more what they were.

import Concurrency
import Datasets
import Glibc
import Jobs
import Posix
import TestSupport
import Testing

@testable import Tardis

@Suite struct CopyTests {
    private let name = "bitmex_trades_2020-03-01_XBTUSD.csv.gz"
    private let body = gzip(trades(9))

    @Test func `links a file that another folder has instead of fetching it`() async throws {
        let bench = Bench(RawServer(replies: [.reply(200, body)]))
        let first = try #require(await bench.download(to: "a").checksum)
        let copy = PublishedCopy(folder: "a", sha256: first.sha256)
        let second = try #require(
            await bench.download(to: "b/c", context: DownloadContext(copies: [copy])).checksum)
        var expected = first
        expected.origin = .link
        #expect(second == expected)
        #expect(bench.server.requests.count == 1)
        #expect(inode(bench, "a/" + name) == inode(bench, "b/c/" + name))
        #expect(bench.folder.names(in: "b/c") == [name])
    }

    @Test(arguments: [
        EPERM, EXDEV, EMLINK, EOPNOTSUPP, EACCES, EINVAL, ENOSYS, EIO, EROFS, ENOSPC, EDQUOT, ELOOP,
        ESTALE, ENOTTY,
    ])
    func `copies a file if the file system does not link, with any error`(
        code: Int32
    ) async throws {
        let bench = Bench(RawServer(replies: [.reply(200, body)]))
        let first = try #require(await bench.download(to: "a").checksum)
        mkdir(bench.folder.path("b"), 0o755)
        let copy = LinkedCopy(
            file: .sample(), copy: PublishedCopy(folder: "a", sha256: first.sha256),
            root: DataRoot(bench.folder.path), settings: bench.settings,
            space: DiskReserve(reserveBytes: 0))
        let made = copy.make(
            in: try ConfinedFolder(root: bench.folder.path("b")), stop: CancellationFlag()
        ) { (_, _, _) throws(SystemError) in throw SystemError(call: "linkat", code: code) }
        #expect(try made?.get().sha256 == first.sha256)
        #expect(bench.holds(body, as: "b/" + name))
        #expect(inode(bench, "a/" + name) != inode(bench, "b/" + name))
        #expect(bench.server.requests.count == 1)
    }

    @Test(.enabled(if: getuid() == 0, "mounting needs root"))
    func `requests nothing if a copy has no space`() async throws {
        let body = gzip(trades(40_000))
        let bench = Bench(RawServer(replies: [.reply(200, body)]))
        let first = try #require(await bench.download(to: "a").checksum)
        mkdir(bench.folder.path("small"), 0o755)
        guard mount("tmpfs", bench.folder.path("small"), "tmpfs", 0, "size=16k") == 0 else {
            return
        }
        defer { umount(bench.folder.path("small")) }
        let copy = PublishedCopy(folder: "a", sha256: first.sha256)
        let outcome = await bench.download(to: "small", context: DownloadContext(copies: [copy]))
        #expect(outcome.summary == "await room disk_full")
        #expect(bench.server.requests.count == 1)
        #expect(bench.folder.names(in: "small") == [])
    }

    @Test func `a copy that is not what it was is not linked`() async throws {
        let bench = Bench(RawServer(replies: [.reply(200, body)]))
        let proof = try #require(await bench.download(to: "a").checksum)
        for odd in [Array("no gzip".utf8), Array(body.dropLast(3)), gzip(trades(8)), []] {
            write(odd, to: bench.folder.path("a/" + name))
            let copies = [
                PublishedCopy(folder: "a", sha256: proof.sha256),
                PublishedCopy(folder: "nowhere", sha256: proof.sha256),
                PublishedCopy(folder: "../..", sha256: proof.sha256),
            ]
            let outcome = await bench.download(to: "b", context: DownloadContext(copies: copies))
            #expect(outcome.checksum?.sha256 == proof.sha256)
            #expect(outcome.checksum?.origin == .upstream || outcome.checksum?.origin == .disk)
            #expect(bench.holds(body, as: "b/" + name))
            #expect(bench.holds(odd, as: "a/" + name))
        }
        #expect(bench.server.requests.count == 2)
    }

    @Test func `two folders that want a file at the same time cause one transfer`() async {
        let gate = Gate()
        let bench = Bench(RawServer(replies: [.hold(gate), .reply(200, body)]))
        let downloader = bench.downloader
        async let one = downloader.download(.sample(), to: "a", attempt: 1)
        async let two = downloader.download(.sample(), to: "b", attempt: 1)
        #expect(await eventually { bench.server.requests.count == 1 })
        gate.open()
        let (first, second) = await (one, two)
        #expect(Set([first.checksum?.origin, second.checksum?.origin]) == [.upstream, .link])
        #expect(bench.server.requests.count == 1)
        #expect(bench.holds(body, as: "a/" + name))
        #expect(bench.holds(body, as: "b/" + name))
    }

    @Test func `a file that is still what it was is verified without a request`() async throws {
        let bench = Bench(RawServer(replies: [.reply(200, body)]))
        let proof = try #require(await bench.download().checksum)
        let again = await bench.download(context: DownloadContext(expectedSHA256: proof.sha256))
        #expect(again.checksum?.origin == .disk)
        #expect(again.checksum?.sha256 == proof.sha256)
        #expect(bench.server.requests.count == 1)
    }

    @Test func `a file that is something else now is put aside and fetched again`() async throws {
        for odd in [Array("no gzip".utf8), gzip(trades(8)), Array(body.dropLast())] {
            let bench = Bench(RawServer(replies: [.reply(200, body)]))
            var proof = try #require(await bench.download().checksum)
            write(odd, to: bench.folder.path(name))
            let again = await bench.download(context: DownloadContext(expectedSHA256: proof.sha256))
            proof.finding = .damaged
            #expect(again == .published(proof))
            #expect(bench.server.requests.count == 2)
            #expect(bench.holds(body, as: name))
            #expect(bench.holds(odd, as: name + ".quarantine"))
        }
    }

    @Test func `while the upstream pauses, files are found on the disk, and others wait`()
        async throws
    {
        let bench = Bench(RawServer(replies: [.reply(200, body)]))
        let proof = try #require(await bench.download(to: "a").checksum)
        let context = DownloadContext(
            expectedSHA256: proof.sha256,
            copies: [PublishedCopy(folder: "a", sha256: proof.sha256)], isUpstreamPaused: true)
        #expect(await bench.download(to: "a", context: context).checksum?.origin == .disk)
        #expect(await bench.download(to: "b", context: context).checksum?.origin == .link)
        for folder in ["a", "b"] { unlink(bench.folder.path("\(folder)/\(name)")) }
        #expect(await bench.download(to: "a", context: context) == .awaitUpstream)
        #expect(bench.server.requests.count == 1)
    }

    @Test func `nothing is asked for where there is no use in it`() async throws {
        let bench = Bench(RawServer(replies: [.reply(200, body)]))
        let refusal = FileFailure(code: "api_key_refused", detail: "no")
        let proof = try #require(await bench.download().checksum)
        let context = DownloadContext(expectedSHA256: proof.sha256, refusal: refusal)
        #expect(await bench.download(context: context).checksum?.origin == .disk)
        unlink(bench.folder.path(name))
        #expect(
            await bench.download(context: context)
                == DownloadOutcome.failed(refusal).noting(.missing))
        #expect(bench.server.requests.count == 1)
    }

    @Test func `a missing file is fetched again`() async throws {
        let bench = Bench(RawServer(replies: [.reply(200, body)]))
        var proof = try #require(await bench.download().checksum)
        unlink(bench.folder.path(name))
        let again = await bench.download(context: DownloadContext(expectedSHA256: proof.sha256))
        proof.finding = .missing
        #expect(again == .published(proof))
        #expect(bench.folder.names() == [name])
    }

    @Test func `other bytes at Tardis are left out, unless they may be taken`() async throws {
        let revised = gzip(trades(8))
        let bench = Bench(
            RawServer(replies: [.reply(200, body)], [.reply(200, revised)]))
        let proof = try #require(await bench.download().checksum)
        unlink(bench.folder.path(name))
        var context = DownloadContext(expectedSHA256: proof.sha256)
        let failure = try #require(await bench.download(context: context).failure)
        #expect(failure.code == "changed_upstream")
        #expect(failure.finding == .missing)
        let other = try #require(failure.revisionSHA256)
        #expect(failure.detail.contains(other))
        #expect(failure.detail.contains(proof.sha256))
        #expect(bench.folder.names().isEmpty)
        context.acceptsRevision = true
        #expect(await bench.download(context: context).checksum?.sha256 == other)
        #expect(bench.holds(revised, as: name))
    }

    @Test func `a copy of a revised file is no copy of a verified one`() async throws {
        let bench = Bench(
            RawServer(replies: [.reply(200, gzip(trades(8)))], [.reply(200, body)]))
        let revised = try #require(await bench.download(to: "a").checksum)
        let outcome = await bench.download(
            to: "b",
            context: DownloadContext(
                expectedSHA256: String(repeating: "0", count: 64),
                copies: [PublishedCopy(folder: "a", sha256: revised.sha256)]))
        #expect(outcome.summary == "failed changed_upstream")
        #expect(bench.server.requests.count == 2)
    }

    @Test func `a file that was put aside is damaged in the next attempt, too`() async throws {
        let bench = Bench(
            RawServer(replies: [.reply(200, body)], [.reply(503)], [.reply(200, body)]))
        let proof = try #require(await bench.download().checksum)
        write(Array("no gzip".utf8), to: bench.folder.path(name))
        let downloader = bench.downloader
        let context = DownloadContext(expectedSHA256: proof.sha256)
        let first = await downloader.download(.sample(), to: "", attempt: 1, context: context)
        #expect(first.summary == "retry upstream_failed")
        let second = await downloader.download(.sample(), to: "", attempt: 2, context: context)
        #expect(second.checksum?.finding == .damaged)
    }

    private func inode(_ bench: Bench, _ path: String) -> UInt64 {
        var status = stat()
        return stat(bench.folder.path(path), &status) == 0 ? UInt64(status.st_ino) : 0
    }

    private func write(_ bytes: [UInt8], to path: String) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        defer { close(file) }
        #expect(Glibc.write(file, bytes, bytes.count) == bytes.count)
    }
}
