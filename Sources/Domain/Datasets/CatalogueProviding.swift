// The catalogue as the domain asks for it.

/// Why the catalogue of an exchange could not be read.
package enum CatalogueError: Error, Hashable, Sendable {
    /// Tardis does not know the exchange; the ids that it knows, where they could be read.
    case unknownExchange(known: [String])
    /// It cannot be reached or parsed: jobs are accepted and checked as they run.
    case unreachable(String)
}

/// Reads the catalogue.
package protocol CatalogueProviding: Sendable {
    /// What Tardis has of the exchange, at most a day old.
    func catalogue(of exchange: String) async throws(CatalogueError) -> ExchangeCatalogue
    /// The same from memory, without waiting; `nil` says nothing.
    func catalogueInMemory(of exchange: String) -> ExchangeCatalogue?
}

extension CatalogueProviding {
    package func catalogueInMemory(of exchange: String) -> ExchangeCatalogue? { nil }
}

/// The catalogue of an exchange, or why it is not known.
package enum CatalogueLookup: Hashable, Sendable {
    case known(ExchangeCatalogue)
    /// Tardis has no such exchange; the ids that it has, where they are known.
    case unknownExchange(known: [String])
    /// The catalogue cannot be read, and why: requests are accepted as written.
    case unreachable(String)

    /// What Tardis has of the exchange, where that is known.
    package var catalogue: ExchangeCatalogue? {
        if case .known(let catalogue) = self { catalogue } else { nil }
    }
}

extension CatalogueProviding {
    /// Looks up the catalogue of an exchange, where there is a text; never throws. A text that
    /// cannot be an exchange's id is an unknown exchange.
    package func lookup(of exchange: String?) async -> CatalogueLookup {
        guard let exchange else {
            return .unreachable("no exchange to ask about")
        }
        do throws(CatalogueError) {
            return .known(try await catalogue(of: exchange))
        } catch {
            switch error {
            case .unknownExchange(let known): return .unknownExchange(known: known)
            case .unreachable(let reason): return .unreachable(reason)
            }
        }
    }
}
