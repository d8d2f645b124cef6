// The nine kinds of dataset that Tardis exports. It must not know a URL.

/// A kind of dataset, by Tardis's own name (`DatasetType` of its official client).
package enum DataType: String, CaseIterable, Hashable, Sendable {
    case trades
    case incrementalBookL2 = "incremental_book_L2"
    case bookSnapshot5 = "book_snapshot_5"
    case bookSnapshot25 = "book_snapshot_25"
    case quotes
    case bookTicker = "book_ticker"
    case derivativeTicker = "derivative_ticker"
    case optionsChain = "options_chain"
    case liquidations

    /// Tardis's name, as it stands in URLs and file names.
    package var name: String { rawValue }
}
