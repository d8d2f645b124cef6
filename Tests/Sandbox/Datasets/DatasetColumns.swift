// The header rows of the nine kinds of dataset, written down from Tardis's documentation and not
// taken from the service under test: a stand-in that shared its code would share its mistakes.

import Datasets

extension DataType {
    /// The names of the columns, in the order of the file.
    var columns: [String] {
        ["exchange", "symbol", "timestamp", "local_timestamp"] + ownColumns
    }

    private var ownColumns: [String] {
        switch self {
        case .trades, .liquidations:
            ["id", "side", "price", "amount"]
        case .incrementalBookL2:
            ["is_snapshot", "side", "price", "amount"]
        case .bookSnapshot5:
            DataType.levels(5)
        case .bookSnapshot25:
            DataType.levels(25)
        case .quotes, .bookTicker:
            ["ask_amount", "ask_price", "bid_price", "bid_amount"]
        case .derivativeTicker:
            [
                "funding_timestamp", "funding_rate", "predicted_funding_rate", "open_interest",
                "last_price", "index_price", "mark_price",
            ]
        case .optionsChain:
            [
                "type", "strike_price", "expiration", "open_interest", "last_price", "bid_price",
                "bid_amount", "bid_iv", "ask_price", "ask_amount", "ask_iv", "mark_price",
                "mark_iv", "underlying_index", "underlying_price", "delta", "gamma", "vega",
                "theta", "rho",
            ]
        }
    }

    private static func levels(_ count: Int) -> [String] {
        (0..<count).flatMap { level in
            [
                "asks[\(level)].price", "asks[\(level)].amount", "bids[\(level)].price",
                "bids[\(level)].amount",
            ]
        }
    }
}
