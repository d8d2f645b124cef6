// What the downloader does with what is on disk already, and when it is cancelled.

import Datasets
import Glibc
import Jobs
import Posix
import TestSupport
import Testing

@testable import Tardis

@Suite struct DownloaderDiskTests {
    private let name = "bitmex_trades_2020-03-01_XBTUSD.csv.gz"

    @Test func `does not ask again for a file that is proven on disk`() async throws {
        let body = gzip(trades(9))
        let server = RawServer(replies: [.reply(200, body)])
        let bench = Bench(server)
        let first = await bench.download()
        let second = await bench.download()
        var proof = try #require(first.checksum)
        #expect(proof.origin == .upstream)
        proof.origin = .disk
        #expect(second == .published(proof))
        #expect(proof.rows == 9)
        #expect(server.requests.count == 1)
    }

    @Test func `remembers the folders that it makes, and makes them again when they are gone`()
        async throws
    {
        let body = gzip(trades(9))
        let server = RawServer(replies: [.reply(503)], [.reply(200, body)])
        var bench = Bench(server)
        let facts = InMemoryJobStore()
        bench.facts = facts
        mkdir(bench.folder.path("mine"), 0o755)
        let folder = bench.folder.path("mine/a/b")
        #expect(await bench.download(to: folder).summary == "retry upstream_failed")
        let remembered = await facts.facts.keys.sorted()
        #expect(remembered.map { $0.split(separator: "/").last } == ["a", "b"])
        #expect(await bench.downloader.remover.removeEmptyFolders(folder) == 2)
        #expect(await facts.facts.isEmpty)
        #expect(await bench.download(to: folder).checksum?.rows == 9)
        #expect(await facts.facts.count == 2)
        #expect(await bench.downloader.remover.removeEmptyFolders(folder) == 0)
        #expect(bench.holds(body, as: "mine/a/b/\(name)"))
    }

    @Test func `a folder that goes while its file is on its way is no fault of the disk`() {
        let outcome = DownloadOutcome(
            of: SystemError(call: "openat", code: ENOENT), folder: "./datasets/a", name: name)
        #expect(outcome.summary == "retry folder_gone")
    }

    @Test func `fetches a damaged file on disk anew and replaces it`() async throws {
        let body = gzip(trades(9))
        for wrong in [Array("half".utf8), Array(body.dropLast()), gzip(trades(1, symbol: "X")), []]
        {
            let server = RawServer(replies: [.reply(200, body)])
            let bench = Bench(server)
            write(wrong, to: bench.folder.path(name))
            #expect(await bench.download().checksum?.rows == 9)
            #expect(server.requests.count == 1)
            #expect(bench.holds(body, as: name))
            #expect(bench.folder.names() == [name])
        }
    }

    @Test func `keeps a wrong file on disk until a right one has come`() async throws {
        let bench = Bench(RawServer(replies: [.reply(503)]))
        write(Array("half".utf8), to: bench.folder.path(name))
        #expect(await bench.download().summary == "retry upstream_failed")
        #expect(bench.holds(Array("half".utf8), as: name))
    }

    @Test func `publishes a paid day from disk without a key, and asks for none`() async throws {
        let paid = DatasetFile.sample(day: "2020-03-02")
        let server = RawServer(replies: [.reply(200, gzip(trades(2, of: paid)))])
        let bench = Bench(server, apiKey: nil)
        let outcome = await bench.download(paid)
        #expect(outcome.summary == "failed api_key_missing")
        #expect(outcome.failure?.detail.contains("TARDIS_API_KEY") == true)
        #expect(server.requests.isEmpty)
        write(gzip(trades(2, of: paid)), to: bench.folder.path(paid.name))
        #expect(await bench.download(paid).checksum?.rows == 2)
        #expect(server.requests.isEmpty)
    }

    @Test func `asks for free days without a key and sends none`() async throws {
        let server = RawServer(replies: [.reply(200, gzip(trades(2)))])
        let bench = Bench(server, apiKey: "")
        #expect(await bench.download().checksum?.rows == 2)
        #expect(server.requests.first?["Authorization"] == nil)
    }

    @Test func `asks for nothing where a folder has the file's name`() async {
        let server = RawServer(replies: [.reply(200, gzip(trades(2)))])
        let bench = Bench(server)
        mkdir(bench.folder.path(name), 0o755)
        #expect(await bench.download().summary == "failed target_is_a_folder")
        #expect(server.requests.isEmpty)
    }

    @Test func `says so where a folder has the part file's name`() async throws {
        let bench = Bench(RawServer(replies: [.reply(200, gzip(trades(2)))]))
        mkdir(bench.folder.path(name + ".part"), 0o755)
        let outcome = await bench.download()
        #expect(outcome.summary == "failed target_is_a_folder")
        #expect(outcome.failure?.detail.contains("\(name).part; rename or remove it") == true)
    }

    @Test func `stays below the data root`() async {
        let server = RawServer(replies: [.reply(200, gzip(trades(2)))])
        let bench = Bench(server)
        symlink("/tmp", bench.folder.path("door"))
        #expect(await bench.download(to: "door").summary == "stopJob folder_refused")
        #expect(await bench.download(to: "../x").summary == "stopJob folder_refused")
        #expect(await bench.download(to: "/etc").summary == "stopJob folder_refused")
        #expect(server.requests.isEmpty)
    }

    @Test func `stops the job where a file stands in the folder's place`() async {
        let bench = Bench(RawServer(replies: [.close]))
        write([1], to: bench.folder.path("file"))
        #expect(await bench.download(to: "file").summary == "stopJob not_a_folder")
    }

    @Test func `replaces the part that a crash left`() async {
        let body = gzip(trades(4))
        let bench = Bench(RawServer(replies: [.reply(200, body)]))
        write([UInt8](repeating: 7, count: 90_000), to: bench.folder.path(name + ".part"))
        #expect(await bench.download().checksum?.rows == 4)
        #expect(bench.folder.names() == [name])
        #expect(bench.holds(body, as: name))
    }

    @Test func `leaves nothing when it is cancelled in the middle of a file`() async throws {
        let body = gzip(trades(5_000))
        let head = "HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n"
        let half = Array(body.prefix(body.count / 2))
        let server = RawServer(replies: [.text(head), .send(half), .stall])
        let bench = Bench(server)
        let task = Task { await bench.download() }
        #expect(await eventually { bench.folder.names() == [name + ".part"] })
        task.cancel()
        #expect(await task.value == .interrupted)
        #expect(bench.folder.names() == [])
        #expect(await eventually { server.connectionsOpen == 0 })
    }

    @Test func `asks once when two want the same file at the same time`() async {
        let body = gzip(trades(4))
        let gate = Gate()
        let server = RawServer(replies: [.hold(gate), .reply(200, body)])
        let bench = Bench(server)
        let downloader = bench.downloader
        async let one = downloader.download(.sample(), to: "a", attempt: 1)
        async let two = downloader.download(.sample(), to: "./a/", attempt: 1)
        #expect(await eventually { server.requests.count == 1 })
        gate.open()
        let (first, second) = await (one, two)
        #expect(first.checksum?.sha256 == second.checksum?.sha256)
        #expect(Set([first.checksum?.origin, second.checksum?.origin]) == [.upstream, .disk])
        #expect(first.checksum?.rows == 4)
        #expect(server.requests.count == 1)
    }

    @Test func `lets a waiting one be cancelled while the other goes on`() async {
        let gate = Gate()
        let server = RawServer(replies: [.hold(gate), .reply(200, gzip(trades(4)))])
        let bench = Bench(server)
        let shared = bench.downloader
        async let one = shared.download(.sample(), to: "", attempt: 1)
        #expect(await eventually { server.requests.count == 1 })
        let waiting = Task { await shared.download(.sample(), to: "", attempt: 1) }
        waiting.cancel()
        #expect(await waiting.value == .interrupted)
        gate.open()
        #expect(await one.checksum?.rows == 4)
        #expect(server.requests.count == 1)
        #expect(bench.folder.names() == [name])
    }

    @Test func `calls a missing file unavailable where the catalogue confirms it`() async {
        var bench = Bench(
            RawServer(replies: [.reply(404, #"{"code":404,"message":"Not found"}"#)]))
        let symbol = CatalogueSymbol(
            id: "XBTUSD", dataTypes: ["trades"], availableSince: Day("2020-04-01")!,
            availableTo: nil)
        bench.catalogue.answer = .success(
            ExchangeCatalogue(
                exchange: "bitmex", symbols: [symbol], exportedUntil: Day("2024-01-01")))
        for expected in ["unavailable not_listed_yet", "failed not_found"] {
            let downloader = bench.downloader
            let first = await downloader.download(.sample(), to: "", attempt: 1)
            #expect(first.summary == "retry not_found")
            let second = await downloader.download(.sample(), to: "", attempt: 2)
            #expect(second.summary == expected)
            bench.catalogue.answer = .failure(.unreachable("offline"))
        }
    }

    @Test(.enabled(if: getuid() == 0, "mounting needs root"))
    func `says so when the disk is full, and leaves nothing`() async throws {
        let bench = Bench(RawServer(replies: [.reply(200, gzip(trades(40_000)))]))
        let small = bench.folder.path("small")
        mkdir(small, 0o755)
        guard mount("tmpfs", small, "tmpfs", 0, "size=16k") == 0 else { return }
        defer { umount(small) }
        #expect(await bench.download(to: "small").summary == "await room disk_full")
        #expect(bench.folder.names(in: "small") == [])
    }

    @Test(.enabled(if: getuid() == 0, "mounting needs root"))
    func `a disk that can only be read is waited for without asking Tardis`() async throws {
        let bench = Bench(RawServer(replies: [.reply(200, gzip(trades(4)))]))
        let small = bench.folder.path("small")
        mkdir(small, 0o755)
        guard mount("tmpfs", small, "tmpfs", 0, "size=1m") == 0 else { return }
        defer { umount(small) }
        guard mount("", small, "", UInt(MS_REMOUNT) | UInt(MS_RDONLY), nil) == 0 else { return }
        #expect(await bench.download(to: "small").summary == "await room read_only")
        #expect(bench.server.requests.isEmpty)
        mount("", small, "", UInt(MS_REMOUNT), nil)
        #expect(await bench.download(to: "small").summary == "published")
    }

    @Test func `what the disk refuses is waited for where the disk may come back`() {
        func summary(_ call: String, _ code: Int32) -> String {
            DownloadOutcome(of: SystemError(call: call, code: code), folder: "out", name: "a")
                .summary
        }
        for code in [ENOSPC, EDQUOT] { #expect(summary("write", code) == "await room disk_full") }
        #expect(summary("openat", EROFS) == "await room read_only")
        for code in [ENODEV, ENXIO, ESTALE, ENOTCONN, ESHUTDOWN, EUCLEAN, ETIMEDOUT, EHOSTDOWN] {
            #expect(summary("write", code) == "await room disk_away")
        }
        #expect(summary("openat2", EIO) == "await room disk_away")
        #expect(summary("write", EIO) == "retry disk_failed")
        #expect(summary("fsync", EIO) == "retry disk_failed")
        #expect(summary("renameat", ESTALE) == "retry disk_failed")
        #expect(summary("openat", EACCES) == "stopJob not_permitted")
    }

    @Test func `a file beyond the limit of sizes fails alone, with what to do`() {
        let outcome = DownloadOutcome(
            of: SystemError(call: "write", code: EFBIG), folder: "out", name: "a")
        #expect(outcome.summary == "failed file_size_limit")
        let limited = DownloadOutcome.sizeWords(of: "a", in: "out", limit: 512 << 20)
        #expect(limited.contains("512 MiB (ulimit -f, LimitFSIZE= of systemd). Raise that limit"))
        let unlimited = DownloadOutcome.sizeWords(of: "a", in: "out", limit: nil)
        #expect(unlimited.contains("the file system of out allows"))
    }

    private func write(_ bytes: [UInt8], to path: String) {
        guard let file = fopen(path, "we") else { return }
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
    }
}
