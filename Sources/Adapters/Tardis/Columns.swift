// The columns of each kind of dataset (docs.tardis.dev, CSV datasets). It must not know rows.

import Datasets

extension DataType {
    /// The header line's columns, in order. Tardis may add columns at the end.
    var columns: [String] {
        Self.common + ownColumns.split(separator: ",").map(String.init)
    }

    /// What every row of every kind begins with.
    private static let common = ["exchange", "symbol", "timestamp", "local_timestamp"]

    private var ownColumns: String {
        switch self {
        case .trades, .liquidations:
            "id,side,price,amount"
        case .incrementalBookL2:
            "is_snapshot,side,price,amount"
        case .bookSnapshot5:
            Self.levels(5)
        case .bookSnapshot25:
            Self.levels(25)
        case .quotes, .bookTicker:
            "ask_amount,ask_price,bid_price,bid_amount"
        case .derivativeTicker:
            "funding_timestamp,funding_rate,predicted_funding_rate,open_interest,last_price,"
                + "index_price,mark_price"
        case .optionsChain:
            "type,strike_price,expiration,open_interest,last_price,bid_price,bid_amount,bid_iv,"
                + "ask_price,ask_amount,ask_iv,mark_price,mark_iv,underlying_index,"
                + "underlying_price,delta,gamma,vega,theta,rho"
        }
    }

    private static func levels(_ count: Int) -> String {
        (0..<count).map {
            "asks[\($0)].price,asks[\($0)].amount,bids[\($0)].price,bids[\($0)].amount"
        }.joined(separator: ",")
    }
}

/// Places of the common columns.
enum Column {
    static let exchange = 0
    static let symbol = 1
    static let localTimestamp = 3
}

/// Symbols that stand for all of an exchange's symbols of a kind: the rows name their own ones.
let groupedSymbols: Set<String> = ["SPOT", "FUTURES", "PERPETUALS", "OPTIONS", "COMBOS"]
