// Whether Tardis has a dataset file, as far as the catalogue can tell. It must not ask anybody.

/// What the catalogue says about one symbol, data type and day.
package enum Availability: Hashable, Sendable {
    /// There should be a file, or the catalogue does not say.
    case available
    /// The day lies before the symbol's first one.
    case notListedYet(since: Day)
    /// The symbol was delisted; the first day without data.
    case delisted(to: Day)
    /// The day will come; the first day that is not exported yet.
    case notExportedYet(until: Day)
    /// The symbol has no such data; the data types that it has, by Tardis's names.
    case noSuchDataType(has: [String])
}

extension CatalogueSymbol {
    /// What the catalogue says about a file of this symbol.
    ///
    /// `availableTo` and `exportedUntil` are exclusive. While a symbol is listed, Tardis gives the
    /// frontier of the export as its `availableTo`, so an `availableTo` at or after the frontier,
    /// or without a known frontier, does not mean that it was delisted.
    package func coverage(
        of dataType: DataType, on day: Day, exportedUntil: Day?
    ) -> Availability {
        guard dataTypes.contains(dataType.name) else { return .noSuchDataType(has: dataTypes) }
        if day < availableSince { return .notListedYet(since: availableSince) }
        guard let exportedUntil else { return .available }
        if let availableTo, availableTo < exportedUntil, day >= availableTo {
            return .delisted(to: availableTo)
        }
        return day < exportedUntil ? .available : .notExportedYet(until: exportedUntil)
    }
}
