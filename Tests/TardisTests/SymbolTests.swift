// Symbols that rows, requests and file names spell differently.

import Datasets
import Jobs
import TestSupport
import Testing

@testable import Tardis

@Suite struct SymbolTests {
    @Test(arguments: ["XBT/USD", "xbt:usd", "XBT-USD"])
    func `takes rows that spell the symbol as the exchange does`(symbol: String) async throws {
        let file = DatasetFile.sample(symbol: "XBT-USD")
        let body = gzip(trades(3, symbol: symbol))
        let bench = Bench(RawServer(replies: [.reply(200, body)]))
        let outcome = await bench.downloader.download(file, to: "", attempt: 1)
        #expect(outcome.checksum?.rows == 3, "\(outcome)")
    }

    @Test func `leaves the file of another symbol whose files have the same names`() async {
        let (asked, other) = (DatasetFile.sample(symbol: "?A"), DatasetFile.sample(symbol: "-A"))
        let body = gzip(trades(3, symbol: "-A"))
        let server = RawServer(replies: [.reply(200, body)])
        let bench = Bench(server)
        #expect(await bench.downloader.download(other, to: "", attempt: 1).checksum?.rows == 3)
        let outcome = await bench.downloader.download(asked, to: "", attempt: 1)
        #expect(outcome.summary == "failed name_taken")
        #expect(outcome.failure?.detail.contains("output_path") == true)
        #expect(bench.holds(body, as: other.name))
        #expect(server.requests.count == 1)
    }

    @Test func `asks again for an empty file that may be another symbol's`() async {
        let (asked, other) = (DatasetFile.sample(symbol: "?A"), DatasetFile.sample(symbol: "-A"))
        let server = RawServer { request in
            [.reply(200, request.target.contains("%3F") ? gzip(trades(3, symbol: "?A")) : gzip(""))]
        }
        let bench = Bench(server)
        #expect(await bench.downloader.download(other, to: "", attempt: 1).checksum?.rows == 0)
        #expect(await bench.downloader.download(asked, to: "", attempt: 1).checksum?.rows == 3)
    }
}
