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
        #expect(await downloader.download(trade, to: "", attempt: 1).checksum?.rows == 9)
        #expect(await downloader.download(liquidation, to: "", attempt: 1).checksum?.rows == 2)
        #expect(bench.holds(liquidations, as: liquidation.name))
        #expect(server.requests.map(\.connection) == [0, 1])
    }

    @Test func `asks for two such files one after the other, over a connection each`() async {
        let (trades, liquidations) = (gzip(trades(9, of: trade)), gzip(trades(2, of: liquidation)))
        let server = RawServer { request in
            [.reply(200, request.target.contains("trades") ? trades : liquidations)]
        }
        let bench = Bench(server)
        let downloader = bench.downloader
        async let one = downloader.download(trade, to: "", attempt: 1)
        async let two = downloader.download(liquidation, to: "", attempt: 1)
        #expect(await [one.checksum?.rows, two.checksum?.rows] == [9, 2])
        #expect(server.requests.map(\.connection) == [0, 1])
    }

    @Test func `takes nothing over a connection in use for a file of many symbols`() async {
        let (single, options) = (trade, DatasetFile.sample(symbol: "OPTIONS"))
        let (one, all) = (gzip(trades(9, of: single)), gzip(trades(2, of: options, symbol: "A-C")))
        let server = RawServer { request in
            [.reply(200, request.connection == 0 ? one : all)]
        }
        let bench = Bench(server)
        let downloader = bench.downloader
        #expect(await downloader.download(single, to: "", attempt: 1).checksum?.rows == 9)
        #expect(await downloader.download(options, to: "", attempt: 1).checksum?.rows == 2)
        #expect(bench.holds(all, as: options.name))
        #expect(server.requests.map(\.connection) == [0, 1])
    }

    @Test func `trusts no connection in use while one of them brings other files`() async {
        let quotes = DatasetFile.sample(dataType: .quotes)
        let header = quotes.dataType.columns.joined(separator: ",")
        let row = "bitmex,XBTUSD,1583020800000000,1583020800000000,1,2,3,4"
        let bodies = [
            gzip("\(header)\n\(row)\n"), gzip(trades(9, of: trade)), gzip(trades(2, of: trade)),
        ]
        let asked = ["quotes", "trades", "liquidations"]
        // On the first connection, all answers but the first are late by one.
        let server = RawServer { request in
            let index = asked.firstIndex { request.target.contains("/\($0)/") } ?? 0
            return [.reply(200, bodies[request.connection == 0 ? max(0, index - 1) : index])]
        }
        let bench = Bench(server)
        let downloader = bench.downloader
        #expect(await downloader.download(quotes, to: "", attempt: 1).checksum?.rows == 1)
        let shifted = await downloader.download(trade, to: "", attempt: 1)
        #expect(shifted.summary == "retry csv_header_wrong")
        #expect(await downloader.download(liquidation, to: "", attempt: 1).checksum?.rows == 2)
        #expect(bench.holds(bodies[2], as: liquidation.name))
        #expect(server.requests.map(\.connection) == [0, 0, 1])
    }

    @Test func `believes two files that are the same`() async {
        let body = gzip(trades(9, of: trade))
        let server = RawServer { _ in [.reply(200, body)] }
        let bench = Bench(server)
        let downloader = bench.downloader
        for file in [trade, liquidation] {
            #expect(await downloader.download(file, to: "", attempt: 1).checksum?.rows == 9)
            #expect(bench.holds(body, as: file.name))
        }
        #expect(server.requests.map(\.connection) == [0, 1])
        // The same file in another folder is no other file: it is linked, or asked for once.
        let copy = await downloader.download(trade, to: "other", attempt: 1)
        #expect(copy.checksum?.rows == 9)
        #expect(server.requests.count == 2)
    }
}
