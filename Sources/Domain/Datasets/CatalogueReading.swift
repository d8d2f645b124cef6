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
    package var exchange: String
    package var symbols: [CatalogueSymbol]
    /// The first day that is not exported yet: exclusive, and the frontier of "today".
    package var exportedUntil: Day?

    package init(exchange: String, symbols: [CatalogueSymbol], exportedUntil: Day?) {
        self.exchange = exchange
        self.symbols = symbols
        self.exportedUntil = exportedUntil
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
}
