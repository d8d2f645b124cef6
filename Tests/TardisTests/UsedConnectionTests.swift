// Connections on which a wayward server sends more answers than it was asked for.

import Datasets
import Jobs
import TestSupport
import Testing

@testable import Tardis

@Suite struct UsedConnectionTests {
    private let trade = DatasetFile.sample()
    private let liquidation = DatasetFile.sample(dataType: .liquidations)

    @Test func `does not take one file's rows for another's with the same columns`() async {
        let (trades, liquidations) = (gzip(trades(9, of: trade)), gzip(trades(2, of: liquidation)))
        // Asked for the second over the first connection, the server sends the first again.
        let server = RawServer { request in
            let isTrades = request.target.contains("trades") || request.connection == 0
            return [.reply(200, isTrades ? trades : liquidations)]
        }
        let bench = Bench(server)
        let downloader = bench.downloader
        #expect(await downloader.download(trade, to: "", attempt: 1).proof?.rows == 9)
        #expect(await downloader.download(liquidation, to: "", attempt: 1).proof?.rows == 2)
        #expect(bench.holds(liquidations, as: liquidation.name))
        #expect(server.requests.count == 3)
        #expect(server.connectionsAccepted == 2)
    }

    @Test func `believes two files that are the same, once it has asked for both`() async {
        let body = gzip(trades(9, of: trade))
        let server = RawServer { _ in [.reply(200, body)] }
        let bench = Bench(server)
        let downloader = bench.downloader
        for file in [trade, liquidation] {
            #expect(await downloader.download(file, to: "", attempt: 1).proof?.rows == 9)
            #expect(bench.holds(body, as: file.name))
        }
        #expect(server.requests.count == 3)
        // The same file in another folder is no other file: it is linked, or asked for once.
        let copy = await downloader.download(trade, to: "other", attempt: 1)
        #expect(copy.proof?.rows == 9)
        #expect(server.requests.count == 3)
    }
}
