// What is known about an exchange when a request is checked: an answer either way, or nothing.

/// The catalogue's answer as a value.
package enum CatalogueLookup: Hashable, Sendable {
    case known(ExchangeCatalogue)
    /// Tardis has no such exchange; the ids that it has, where they are known.
    case unknownExchange(known: [String])
    /// Nothing is known, and why: requests are taken as they are written.
    case unreachable(String)

    /// What Tardis has of the exchange, where that is known.
    package var catalogue: ExchangeCatalogue? {
        if case .known(let catalogue) = self { catalogue } else { nil }
    }
}

extension CatalogueProviding {
    /// Asks for the catalogue of an exchange, where there is a text; never throws. A text that
    /// cannot be an exchange's id is an unknown exchange.
    package func knowledge(of exchange: String?) async -> CatalogueLookup {
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
