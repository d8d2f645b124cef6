// The names of dataset files, written and recognised.

import Datasets
import Testing

@Suite struct DatasetFileTests {
    @Test(arguments: DataType.allCases)
    func `recognises every name that it writes`(type: DataType) {
        for symbol in ["BTCUSDT", "BTC-USD_UM_XPERP-310404", "A:B/C", "_", "@107", "x.csv.gz"] {
            let file = DatasetFile(
                exchange: "okex-futures", dataType: type, day: Day("2024-02-29")!, symbol: symbol)
            #expect(DatasetFile.isName(file.name), "\(file.name)")
        }
    }

    @Test(arguments: [
        "", "x.csv.gz", "bitmex_trades.csv.gz", "bitmex_trades_2020-03-01.csv.gz",
        "bitmex_trades_2020-03-01_.csv.gz", "bitmex_trades_2020-02-30_X.csv.gz",
        "bitmex_tradez_2020-03-01_X.csv.gz", "Bitmex_trades_2020-03-01_X.csv.gz",
        "_trades_2020-03-01_X.csv.gz", "bitmex_trades_2020-03-01_X.csv",
        "bitmex_trades_2020-03-01_X.csv.gz.part", "bitmex_trades_2020-03-01-X.csv.gz",
    ])
    func `recognises no other name`(text: String) {
        #expect(!DatasetFile.isName(text))
    }
}
