// What Tardis has, as the domain needs to know it: exchanges, their dataset symbols, kinds and
// days.

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
    package let symbols: [CatalogueSymbol]
    /// The first day that is not exported yet: exclusive, and the frontier of "today".
    package let exportedUntil: Day?
    /// The places of the symbols by id, the first one first among equals: a request names a few of
    /// up to 250,000, and four bytes for each are less than any table takes.
    private let order: [UInt32]

    package init(exchange: String, symbols: [CatalogueSymbol], exportedUntil: Day?) {
        self.exchange = exchange
        self.symbols = symbols
        self.exportedUntil = exportedUntil
        let places = symbols.indices.map { UInt32($0) }
        let isSorted = zip(symbols, symbols.dropFirst()).allSatisfy { $0.id <= $1.id }
        order =
            isSorted
            ? places
            : places.sorted { left, right in
                let (first, second) = (symbols[Int(left)].id, symbols[Int(right)].id)
                return first == second ? left < right : first < second
            }
    }

    /// The first symbol with exactly this id.
    package func symbol(_ id: String) -> CatalogueSymbol? {
        var (low, high) = (0, order.count)
        while low < high {
            let middle = (low + high) / 2
            if symbols[Int(order[middle])].id < id { low = middle + 1 } else { high = middle }
        }
        guard low < order.count else { return nil }
        let symbol = symbols[Int(order[low])]
        return symbol.id == id ? symbol : nil
    }
}

/// Why the catalogue of an exchange could not be had.
package enum CatalogueError: Error, Hashable, Sendable {
    /// Tardis does not know the exchange; the ids that it knows, where they could be had.
    case unknownExchange(known: [String])
    /// It cannot be reached, or answers nonsense: jobs are accepted and checked as they run.
    case unreachable(String)
}

/// Reads the catalogue.
package protocol CatalogueReading: Sendable {
    /// What Tardis has of the exchange, at most a day old.
    func catalogue(of exchange: String) async throws(CatalogueError) -> ExchangeCatalogue
    /// The same where it is at hand, without waiting for anything; `nil` says nothing.
    func catalogueInMemory(of exchange: String) -> ExchangeCatalogue?
}

extension CatalogueReading {
    package func catalogueInMemory(of exchange: String) -> ExchangeCatalogue? { nil }
}
