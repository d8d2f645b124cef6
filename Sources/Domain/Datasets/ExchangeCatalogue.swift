// What Tardis has of one exchange: its dataset symbols, their kinds and days.

/// One symbol that an exchange has datasets for.
package struct CatalogueSymbol: Hashable, Sendable {
    /// The dataset's own spelling, verbatim from the catalogue.
    package var id: String
    /// The kinds of dataset it has, by Tardis's names.
    package var dataTypes: [String]
    package var availableSince: Day
    /// Exclusive upper bound, `nil` while it is listed.
    package var availableTo: Day?

    package init(id: String, dataTypes: [String], availableSince: Day, availableTo: Day?) {
        self.id = id
        self.dataTypes = dataTypes
        self.availableSince = availableSince
        self.availableTo = availableTo
    }
}

/// What Tardis has of one exchange.
package struct ExchangeCatalogue: Hashable, Sendable {
    package let exchange: String
    package let symbols: CatalogueSymbols
    /// The first day that is not exported yet: exclusive, and the frontier of "today".
    package let exportedUntil: Day?
    /// The places of the symbols by id, the first one first among equals: a request names a few of
    /// up to 250,000, and four bytes for each are less than any table takes.
    private let order: [UInt32]

    package init(
        exchange: String, symbols: some Sequence<CatalogueSymbol>, exportedUntil: Day?
    ) {
        let symbols = symbols as? CatalogueSymbols ?? CatalogueSymbols(symbols)
        self.exchange = exchange
        self.symbols = symbols
        self.exportedUntil = exportedUntil
        let places = symbols.indices.map { UInt32($0) }
        let isSorted = places.dropFirst().allSatisfy {
            Self.compare(symbols.idBytes(at: Int($0) - 1), symbols.idBytes(at: Int($0))) <= 0
        }
        order =
            isSorted
            ? places
            : places.sorted { left, right in
                let difference = Self.compare(
                    symbols.idBytes(at: Int(left)), symbols.idBytes(at: Int(right)))
                return difference == 0 ? left < right : difference < 0
            }
    }

    /// About how much memory it takes, in bytes.
    package var memoryBytes: Int { symbols.memoryBytes }

    /// The first symbol with exactly this id.
    package func symbol(_ id: String) -> CatalogueSymbol? {
        let wanted = Array(id.utf8)[...]
        var (low, high) = (0, order.count)
        while low < high {
            let middle = (low + high) / 2
            if Self.compare(symbols.idBytes(at: Int(order[middle])), wanted) < 0 {
                low = middle + 1
            } else {
                high = middle
            }
        }
        guard low < order.count, symbols.idBytes(at: Int(order[low])) == wanted else { return nil }
        return symbols[Int(order[low])]
    }

    /// By bytes: below 0 where the first comes first, 0 where both are the same.
    private static func compare(_ first: ArraySlice<UInt8>, _ second: ArraySlice<UInt8>) -> Int {
        for (one, other) in zip(first, second) where one != other { return Int(one) - Int(other) }
        return first.count - second.count
    }
}
