// The symbols of an exchange in as little memory as they need: some exchanges have 250,000. It must
// not know what anybody looks for among them.

/// Symbols in the order of the catalogue.
package struct CatalogueSymbols: RandomAccessCollection, Hashable, Sendable {
    private struct Row: Hashable {
        /// Where the id ends in `ids`; it begins where the one before ends.
        var idEnd: UInt32
        /// The place of its kinds of dataset in `kinds`.
        var kinds: UInt32
        var availableSince: Int32
        /// `Int32.max` while it is listed.
        var availableTo: Int32
    }

    private var ids: [UInt8] = []
    private var rows: [Row] = []
    /// Few exchanges have more than ten different sets.
    private var kinds: [[String]] = []
    private var placesOfKinds: [[String]: UInt32] = [:]

    package init(_ symbols: some Sequence<CatalogueSymbol> = []) {
        for symbol in symbols { append(symbol) }
    }

    package mutating func append(_ symbol: CatalogueSymbol) {
        ids.append(contentsOf: symbol.id.utf8)
        rows.append(
            Row(
                idEnd: UInt32(ids.count), kinds: place(of: symbol.dataTypes),
                availableSince: Int32(symbol.availableSince.daysSinceEpoch),
                availableTo: symbol.availableTo.map { Int32($0.daysSinceEpoch) } ?? .max))
    }

    private mutating func place(of types: [String]) -> UInt32 {
        if let place = placesOfKinds[types] { return place }
        let place = UInt32(kinds.count)
        kinds.append(types)
        placesOfKinds[types] = place
        return place
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
