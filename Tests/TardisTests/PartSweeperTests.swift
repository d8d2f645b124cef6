// What is swept from the disk, and what must stay.

import Glibc
import Jobs
import Logging
import Posix
import TestSupport
import Testing

@testable import Tardis

@Suite struct PartSweeperTests {
    private let folder = TemporaryFolder()
    private let part = "bitmex_trades_2020-03-01_XBTUSD.csv.gz.part"

    private func sweep() -> Int {
        PartSweeper(
            root: DataRoot(folder.path),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        ).sweep()
    }

    private func write(_ name: String) {
        guard let file = fopen(folder.path(name), "we") else { return }
        fputs("left behind", file)
        fclose(file)
    }

    @Test func `removes part files of datasets, however deep they lie`() {
        mkdir(folder.path("btc"), 0o755)
        mkdir(folder.path("btc/deep"), 0o755)
        write(part)
        write("btc/deep/deribit_incremental_book_L2_2020-03-01_BTC-PERPETUAL.csv.gz.part")
        #expect(sweep() == 2)
        #expect(folder.names() == ["btc"])
        #expect(folder.names(in: "btc/deep").isEmpty)
        #expect(sweep() == 0)
    }

    @Test func `leaves what no service of ours has named`() {
        let others = [
            "bitmex_trades_2020-03-01_XBTUSD.csv.gz", "film.mkv.part", "x.csv.gz.part",
            "bitmex_trades_2020-02-30_XBTUSD.csv.gz.part", "bitmex_trades_2020-03-01_.csv.gz.part",
            "bitmex_tradez_2020-03-01_XBTUSD.csv.gz.part", "_trades_2020-03-01_X.csv.gz.part",
            "bitmex_trades_2020-03-01_XBTUSD.csv.part",
        ].sorted()
        others.forEach(write)
        #expect(sweep() == 0)
        #expect(folder.names() == others)
    }

    @Test func `leaves what is being written`() throws {
        let root = try ConfinedFolder(root: folder.path)
        let file = try AtomicFile(
            replacing: String(part.dropLast(AtomicFile.suffix.count)), in: root)
        #expect(sweep() == 0)
        #expect(folder.names() == [part])
        try file.publish()
        #expect(folder.names() == [String(part.dropLast(AtomicFile.suffix.count))])
    }

    @Test func `goes neither through links nor into hidden folders`() {
        let outside = TemporaryFolder()
        symlink(outside.path, folder.path("link"))
        mkdir(folder.path(".hidden"), 0o755)
        write("link/\(part)")
        write(".hidden/\(part)")
        symlink(
            outside.path("elsewhere"), folder.path("bitmex_trades_2020-03-02_XBTUSD.csv.gz.part"))
        #expect(sweep() == 0)
        #expect(outside.names() == [part])
        #expect(folder.names(in: ".hidden") == [part])
        #expect(folder.names().contains("bitmex_trades_2020-03-02_XBTUSD.csv.gz.part"))
    }

    @Test func `needs no data root`() {
        let gone = DataRoot(folder.path("nowhere"))
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        #expect(PartSweeper(root: gone, logger: logger).sweep() == 0)
        #expect(folder.names().isEmpty)
    }
}
