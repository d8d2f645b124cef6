// Resolves symbols: exchanges, Tardis's API and its datasets spell the same market differently.

/// Finds the datasets' own spelling of symbols in the catalogue of an exchange.
struct SymbolResolver: Sendable {
    /// The symbol of the catalogue that a text names.
    enum Resolution: Hashable, Sendable {
        /// A symbol of the catalogue, with a note where it was written differently.
        case known(CatalogueSymbol, note: String?)
        /// None, or more than one; the nearest ids, best first.
        case unknown(suggestions: [String])
    }

    /// The longest id seen in catalogues, an options combination, has about 40; anything much
    /// longer is no symbol, and would not fit into a file name.
    static let bytesMax = 128
    /// Unknown names of a list that get suggestions: searching for them reads the whole catalogue,
    /// and some have 250,000 symbols.
    static let searchesMax = 20

    private let catalogue: ExchangeCatalogue

    init(_ catalogue: ExchangeCatalogue) {
        self.catalogue = catalogue
    }

    /// Resolves symbols: exactly, then in any case, then with `-` for `/` and `:`, then without any
    /// separator, and takes the first way that matches exactly one id.
    ///
    /// - Returns: one resolution per text, in order. Only the first 20 unknown ones get
    ///   suggestions.
    func resolve(_ texts: [String]) -> [Resolution] {
        let exact = exactHits(of: Set(texts))
        let similar = similarHits(of: Set(texts.filter { exact[$0] == nil }))
        var searches = 0
        return texts.map { text in
            if let symbol = exact[text] { return .known(symbol, note: nil) }
            let candidates = similar[SymbolResolver.key(of: text), default: []]
            if let symbol = SymbolResolver.onlyMatch(of: text, in: candidates) {
                let note = "\(text) is \(symbol.id) on \(catalogue.exchange)"
                return .known(symbol, note: note)
            }
            if !candidates.isEmpty {
                return .unknown(suggestions: candidates.prefix(3).map(\.id))
            }
            searches += 1
            guard searches <= SymbolResolver.searchesMax else { return .unknown(suggestions: []) }
            let ids = catalogue.symbols.lazy.map(\.id)
            return .unknown(suggestions: SpellingSuggestions.nearest(to: text, among: ids))
        }
    }

    /// What the official clients make of a symbol: the best guess without a catalogue.
    static func normalised(_ text: String) -> String {
        hyphenated(text).uppercased()
    }

    /// Why a text cannot be a symbol, as the end of a sentence; `nil` where it can.
    static func invalidReason(of text: String) -> String? {
        if text.isEmpty { return "is empty" }
        if text.utf8.count > bytesMax { return "is longer than \(bytesMax) bytes" }
        let hasControl = text.unicodeScalars.contains {
            $0.properties.generalCategory == .control
        }
        if hasControl { return "contains a control character" }
        // As a path segment these two would name a folder, not a dataset.
        if text == "." || text == ".." { return "is no symbol" }
        return nil
    }

    // MARK: Searching

    private func exactHits(of texts: Set<String>) -> [String: CatalogueSymbol] {
        var hits: [String: CatalogueSymbol] = [:]
        for text in texts { hits[text] = catalogue.symbol(text) }
        return hits
    }

    /// The symbols that differ from the texts in case and separators only, by their ``key(of:)``.
    private func similarHits(of texts: Set<String>) -> [String: [CatalogueSymbol]] {
        guard !texts.isEmpty else { return [:] }
        let keys = Set(texts.map(SymbolResolver.key))
        var hits: [String: [CatalogueSymbol]] = [:]
        for symbol in catalogue.symbols {
            let key = SymbolResolver.key(of: symbol.id)
            guard keys.contains(key) else { continue }
            if hits[key, default: []].contains(where: { $0.id == symbol.id }) { continue }
            hits[key, default: []].append(symbol)
        }
        return hits
    }

    private static func onlyMatch(
        of text: String, in candidates: [CatalogueSymbol]
    ) -> CatalogueSymbol? {
        let ways: [(String) -> String] = [
            { $0.lowercased() }, { hyphenated($0).lowercased() }, key,
        ]
        for way in ways {
            let wanted = way(text)
            let hits = candidates.filter { way($0.id) == wanted }
            if hits.count == 1 { return hits[0] }
            if hits.count > 1 { return nil }
        }
        return nil
    }

    private static func hyphenated(_ text: String) -> String {
        String(text.map { $0 == "/" || $0 == ":" ? "-" : $0 })
    }

    private static func key(of text: String) -> String {
        String(decoding: Array(SpellingSuggestions.folded(text)), as: UTF8.self)
    }
}
