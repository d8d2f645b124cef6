// Asking what Tardis has, as the domain needs to. It must not know where the answer comes from.

/// Why the catalogue of an exchange could not be had.
package enum CatalogueError: Error, Hashable, Sendable {
    /// Tardis does not know the exchange; the ids that it knows, where they could be had.
    case unknownExchange(known: [String])
    /// It cannot be reached, or answers nonsense: jobs are accepted and checked as they run.
    case unreachable(String)
}

/// Reads the catalogue.
package protocol CatalogueProviding: Sendable {
    /// What Tardis has of the exchange, at most a day old.
    func catalogue(of exchange: String) async throws(CatalogueError) -> ExchangeCatalogue
    /// The same where it is at hand, without waiting for anything; `nil` says nothing.
    func catalogueInMemory(of exchange: String) -> ExchangeCatalogue?
}

extension CatalogueProviding {
    package func catalogueInMemory(of exchange: String) -> ExchangeCatalogue? { nil }
}
