// URLs as the official client makes them.

import Datasets
import Testing

@testable import Tardis

@Suite struct DatasetURLTests {
    @Test func `puts the file's parts in order`() {
        let file = DatasetFile.sample(
            exchange: "binance-futures", dataType: .incrementalBookL2, day: "2024-01-09",
            symbol: "BTCUSDT")
        #expect(
            url(file)
                == "https://d/v1/binance-futures/incremental_book_L2/2024/01/09/BTCUSDT.csv.gz")
    }

    @Test(arguments: [
        ("??USDT", "%3F%3FUSDT"), ("@107", "%40107"), ("BTC-PERPETUAL", "BTC-PERPETUAL"),
        ("A B", "A%20B"), ("BTC_USDC", "BTC_USDC"), ("É", "%C3%89"), ("A/B", "A%2FB"),
    ])
    func `encodes what has a meaning in URLs`(symbol: String, encoded: String) {
        #expect(url(.sample(symbol: symbol)).hasSuffix("/\(encoded).csv.gz"))
    }

    @Test func `tells retries apart for caches`() {
        #expect(url(.sample(), attempt: 1).hasSuffix(".csv.gz"))
        #expect(url(.sample(), attempt: 2).hasSuffix(".csv.gz?retryAttempt=1"))
        #expect(url(.sample(), attempt: 7).hasSuffix(".csv.gz?retryAttempt=6"))
    }

    private func url(_ file: DatasetFile, attempt: Int = 1) -> String {
        DatasetURL(file, base: "https://d/v1/", attempt: attempt).description
    }
}
