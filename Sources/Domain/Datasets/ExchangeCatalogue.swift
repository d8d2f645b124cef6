// What Tardis has of one exchange: its symbols, their kinds and days. Some exchanges have 250,000
// symbols, so they are kept in as little memory as possible.

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
    /// The indices of the symbols by id, the first one first among equals: a request names a few of
    /// up to 250,000, and four bytes for each are less than any table takes.
    private let order: [UInt32]

    package init(
        exchange: String, symbols: some Sequence<CatalogueSymbol>, exportedUntil: Day?
    ) {
        let symbols = symbols as? CatalogueSymbols ?? CatalogueSymbols(symbols)
        self.exchange = exchange
        self.symbols = symbols
        self.exportedUntil = exportedUntil
        let indices = symbols.indices.map { UInt32($0) }
        let isSorted = indices.dropFirst().allSatisfy {
            Self.compare(symbols.idBytes(at: Int($0) - 1), symbols.idBytes(at: Int($0))) <= 0
        }
        order =
            isSorted
            ? indices
            : indices.sorted { left, right in
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

/// Symbols in the order of the catalogue.
package struct CatalogueSymbols: RandomAccessCollection, Hashable, Sendable {
    private struct Row: Hashable {
        /// Where the id ends in `ids`; it begins where the one before ends.
        var idEnd: UInt32
        /// The index of its kinds of dataset in `kinds`.
        var kinds: UInt32
        var availableSince: Int32
        /// `Int32.max` while it is listed.
        var availableTo: Int32
    }

    private var ids: [UInt8] = []
    private var rows: [Row] = []
    /// Few exchanges have more than ten different sets.
    private var kinds: [[String]] = []
    private var indexOfKinds: [[String]: UInt32] = [:]

    package init(_ symbols: some Sequence<CatalogueSymbol> = []) {
        for symbol in symbols { append(symbol) }
    }

    package mutating func append(_ symbol: CatalogueSymbol) {
        ids.append(contentsOf: symbol.id.utf8)
        rows.append(
            Row(
                idEnd: UInt32(ids.count), kinds: kindsIndex(of: symbol.dataTypes),
                availableSince: Int32(symbol.availableSince.daysSinceEpoch),
                availableTo: symbol.availableTo.map { Int32($0.daysSinceEpoch) } ?? .max))
    }

    private mutating func kindsIndex(of types: [String]) -> UInt32 {
        if let index = indexOfKinds[types] { return index }
        let index = UInt32(kinds.count)
        kinds.append(types)
        indexOfKinds[types] = index
        return index
    }

    /// About how much memory they take, in bytes, with the index that ``ExchangeCatalogue`` keeps.
    var memoryBytes: Int {
        ids.count + rows.count * (MemoryLayout<Row>.stride + MemoryLayout<UInt32>.stride)
    }

    package var startIndex: Int { 0 }
    package var endIndex: Int { rows.count }

    package subscript(position: Int) -> CatalogueSymbol {
        let row = rows[position]
        return CatalogueSymbol(
            id: String(decoding: idBytes(at: position), as: UTF8.self),
            dataTypes: kinds[Int(row.kinds)],
            availableSince: Day(daysSinceEpoch: Int(row.availableSince)),
            availableTo: row.availableTo == .max
                ? nil : Day(daysSinceEpoch: Int(row.availableTo)))
    }

    /// The id in UTF-8.
    func idBytes(at position: Int) -> ArraySlice<UInt8> {
        let start = position == 0 ? 0 : Int(rows[position - 1].idEnd)
        return ids[start..<Int(rows[position].idEnd)]
    }
}

/// What the catalogue says about one symbol, data type and day.
package enum Availability: Hashable, Sendable {
    /// There should be a file, or the catalogue does not say.
    case available
    /// The day lies before the symbol's first one.
    case notListedYet(since: Day)
    /// The symbol was delisted; the first day without data.
    case delisted(to: Day)
    /// The day is not exported yet; the first day that is not exported yet.
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
    package func availability(
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
