// Parses kinds of dataset: Tardis's names in any case, and the names that its other products and
// its users have for the same thing.

/// The kind of dataset that a text names.
enum DataTypeParser: Hashable, Sendable {
    /// A kind of dataset, with a note where it was written differently.
    case known(DataType, note: String?)
    /// No kind of dataset; the nearest names, best first.
    case unknown(suggestions: [String])

    /// - Parameter suggests: whether the nearest names are looked for.
    init(parsing text: String, suggests: Bool = true) {
        if let type = DataType(rawValue: text) {
            self = .known(type, note: nil)
            return
        }
        guard text.utf8.count <= DataTypeParser.bytesMax else {
            self = .unknown(suggestions: [])
            return
        }
        let key = DataTypeParser.key(of: text)
        if let type = DataTypeParser.meanings[key] {
            self = .known(type, note: "\(text) is \(type.name) at Tardis")
        } else {
            let names = DataType.allCases.lazy.map(\.name)
            self = .unknown(
                suggestions: suggests ? SpellingSuggestions.nearest(to: text, among: names) : [])
        }
    }

    /// Every name has less than a third of it; anything longer is none.
    private static let bytesMax = 64

    /// What each data type is also called.
    private static let aliases: [DataType: [String]] = [
        .trades: ["trade"],
        .incrementalBookL2: [
            "book", "book_change", "book_changes", "book_change_l2", "book_delta", "book_deltas",
            "book_l2", "depth", "incremental_book", "incremental_l2", "l2", "l2_book", "level2",
            "order_book", "order_book_l2",
        ],
        .bookSnapshot5: ["book_snapshots_5", "snapshot_5"],
        .bookSnapshot25: ["book_snapshots_25", "snapshot_25"],
        .quotes: ["quote"],
        .bookTicker: ["bbo", "book_tickers"],
        .derivativeTicker: ["derivative_tickers", "funding", "funding_rate", "open_interest"],
        .optionsChain: ["option_chain", "option_summary", "options", "options_summary"],
        .liquidations: ["liquidation"],
    ]

    private static let meanings: [String: DataType] = {
        var meanings: [String: DataType] = [:]
        for type in DataType.allCases {
            for name in [type.name] + aliases[type, default: []] {
                meanings[key(of: name)] = type
            }
        }
        return meanings
    }()

    private static func key(of text: String) -> String {
        String(decoding: Array(SpellingSuggestions.folded(text)), as: UTF8.self)
    }
}
