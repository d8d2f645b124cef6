// Whether the datasets host and the object storage answer as Tardis's do.

import Datasets
import HTTP
import Posix
import TestSupport
import Testing

@testable import tardis_sandbox

@Suite struct DatasetRouteTests {
    private let sandbox = SandboxUnderTest()

    @Test func `a free day needs no key`() async throws {
        let answer = await sandbox.ask("/v1/binance/trades/2024/01/01/BTCUSDT.csv.gz")
        #expect(answer.status == .ok)
        #expect(answer.headers["Content-Type"] == "text/csv")
        #expect(try #require(answer.headers["x-md5"]).count == 34)
        #expect(try inflated(answer.bytes).hasPrefix("exchange,symbol,timestamp,local_timestamp,"))
    }

    @Test(arguments: [nil, "", "TD.wrong"])
    func `a paid day without the right key is refused`(key: String?) async {
        let answer = await sandbox.ask(
            "/v1/binance/trades/2024/01/02/BTCUSDT.csv.gz", key: key)
        #expect(answer.status == .unauthorized)
        #expect(answer.text.contains("\"code\":"))
    }

    @Test func `a paid day is in a storage that refuses the key`() async throws {
        let path = "/v1/binance/trades/2024/01/02/BTCUSDT.csv.gz"
        let answer = await sandbox.ask(path, key: SandboxUnderTest.key)
        #expect(answer.status == .found)
        let location = try #require(answer.headers["Location"])
        #expect(location.hasPrefix("http://127.0.0.1:9999/tardis-datasets\(path)?"))
        let target = String(location.dropFirst("http://127.0.0.1:9999".count))

        let leaked = await sandbox.ask(target, key: SandboxUnderTest.key, of: sandbox.storage)
        #expect(leaked.status == .badRequest)
        let stored = await sandbox.ask(target, of: sandbox.storage)
        #expect(stored.status == .ok)
        #expect(stored.headers["Content-Type"] == "text/csv")
        let unsigned = await sandbox.ask("/tardis-datasets\(path)", of: sandbox.storage)
        #expect(unsigned.status == .forbidden)
    }

    @Test(arguments: [
        ("/v1/binance/trades/2024/01/01/BTC-USDT.csv.gz", 400, "Did you mean 'BTCUSDT'?"),
        ("/v1/binance/trades/2024/01/01/NONSENSE.csv.gz", 400, "\"code\":300"),
        ("/v1/binance/trades/2019/01/01/BTCUSDT.csv.gz", 400, "not available for 2019-01-01"),
        ("/v1/binance/trades/2024/10/01/MATICUSDT.csv.gz", 400, "up to '2024-09-11T00:00:00.000Z'"),
        ("/v1/binance/trades/2024/08/01/BTCUSDT.csv.gz", 400, "\"code\":140"),
        ("/v1/binance/liquidations/2024/01/01/BTCUSDT.csv.gz", 400, "dataType"),
        ("/v1/binance/book_change_l2/2024/01/01/BTCUSDT.csv.gz", 400, "incremental_book_L2"),
        ("/v1/binance/trades/2024/02/30/BTCUSDT.csv.gz", 400, "date"),
        ("/v1/nowhere/trades/2024/01/01/BTCUSDT.csv.gz", 400, "exchange"),
        ("/v1/binance/trades/2024/01/01/BTCUSDT.csv", 404, ""),
        ("/v1/binance/trades/2024/01/01/..%2F..%2Fx.csv.gz", 404, ""),
    ])
    func `unknown names and days get the messages of Tardis`(
        path: String, status: Int, words: String
    ) async {
        let answer = await sandbox.ask(path)
        #expect(answer.status.code == status)
        #expect(answer.text.contains(words) || words.isEmpty, "\(answer.text)")
    }

    @Test func `HEAD finds nothing, and Range changes nothing`() async {
        let path = "/v1/binance/trades/2024/01/01/BTCUSDT.csv.gz"
        let head = await sandbox.ask(path, method: .head)
        #expect(head.status == .notFound)
        let part = await sandbox.ask(path, headers: ["Range": "bytes=0-9"])
        #expect(part.status == .ok)
        #expect(part.bytes.count > 10)
    }

    @Test func `a day without data is a gzip of nothing`() async throws {
        let day = try #require(Day("2024-01-01"))
        let sandbox = SandboxUnderTest(emptyDays: [.init(symbol: "BTCUSDT", day: day)])
        let answer = await sandbox.ask("/v1/binance/trades/2024/01/01/BTCUSDT.csv.gz")
        #expect(answer.status == .ok)
        #expect(answer.bytes.count == 20)
        #expect(try inflated(answer.bytes).isEmpty)
    }

    @Test func `decodes escaped symbols`() async {
        let answer = await sandbox.ask("/v1/hyperliquid/trades/2025/01/01/%40107.csv.gz")
        #expect(answer.status.code == 400)
        #expect(answer.text.contains("\"code\":140"), "\(answer.text)")
    }

    @Test func `prefers real files to generated ones`() async throws {
        let folder = TemporaryFolder()
        let sub = "binance/trades/2024/01/01"
        var file = try AtomicFile(
            replacing: "BTCUSDT.csv.gz", in: try ConfinedFolder(root: folder.path(sub)))
        try Array("not even gzip".utf8).withUnsafeBytes { try file.write($0) }
        try file.publish()
        let sandbox = SandboxUnderTest(realFiles: folder.path)
        let real = await sandbox.ask("/v1/\(sub)/BTCUSDT.csv.gz")
        #expect(real.text == "not even gzip")
        let generated = await sandbox.ask("/v1/\(sub)/ETHUSDT.csv.gz")
        #expect(try inflated(generated.bytes).contains("ETHUSDT"))
    }
}
