// Validates the two lists of a request, symbols and data types, and one against the other.

extension RequestValidator {
    /// A symbol of the request in the datasets' spelling.
    struct ResolvedSymbol {
        var id: String
        /// Its entry in the catalogue, where the catalogue is known.
        var entry: CatalogueSymbol?
    }

    /// A data type, and where it was written.
    struct ParsedDataType {
        var type: DataType
        var index: Int
    }

    /// The symbols without an issue; `nil` where the list is missing or empty.
    func resolveSymbols(
        _ request: RawRequest, _ catalogue: ExchangeCatalogue?, _ notes: inout [String],
        _ issues: inout [ValidationIssue]
    ) -> [ResolvedSymbol]? {
        guard let written = request.symbols else { return nil }
        guard !written.isEmpty else {
            issues.append(empty(.symbols, example: "BTCUSDT"))
            return nil
        }
        // What cannot be a symbol is not looked up: it may have a megabyte.
        let reasons = written.map(SymbolResolver.invalidReason)
        let lookedUp = zip(written, reasons).filter { $1 == nil }.map(\.0)
        var resolutions = catalogue.map { SymbolResolver($0).resolve(lookedUp)[...] }
        var symbols: [ResolvedSymbol] = []
        for (index, text) in written.enumerated() {
            if let reason = reasons[index] {
                issues.append(malformed(text, reason, at: index))
                continue
            }
            switch resolutions?.popFirst() {
            case .known(let entry, let note):
                symbols.append(ResolvedSymbol(id: entry.id, entry: entry))
                if let note { notes.append(note) }
            case .unknown(let suggestions):
                issues.append(unknown(text, suggestions, at: index, on: catalogue))
            case nil:
                let id = SymbolResolver.normalised(text)
                symbols.append(ResolvedSymbol(id: id, entry: nil))
                let onExchange = request.exchange.map { " on \($0)" } ?? ""
                if id != text { notes.append("\(text) is \(id)\(onExchange)") }
            }
        }
        return symbols
    }

    /// The data types without an issue; `nil` where the list is missing or empty.
    func parseDataTypes(
        _ written: [String]?, _ notes: inout [String], _ issues: inout [ValidationIssue]
    ) -> [ParsedDataType]? {
        guard let written else { return nil }
        guard !written.isEmpty else {
            issues.append(empty(.dataTypes, example: "trades"))
            return nil
        }
        var types: [ParsedDataType] = []
        for (index, text) in written.enumerated() {
            let suggests = index - types.count < SymbolResolver.searchesMax
            switch DataTypeParser(parsing: text, suggests: suggests) {
            case .known(let type, let note):
                types.append(ParsedDataType(type: type, index: index))
                if let note { notes.append(note) }
            case .unknown(let suggestions):
                let all = DataType.allCases.map(\.name).joined(separator: ", ")
                issues.append(
                    ValidationIssue(
                        .unknownDataType, member: .dataTypes, index: index,
                        message: "\(TextFormat.quoted(text)) is no data type of Tardis."
                            + TextFormat.advice(
                                about: text, suggestions,
                                separately: "Write each data type as an element of its own")
                            + " It has \(all)."))
            }
        }
        return types
    }

    /// One issue for each data type that some of the symbols do not have.
    func availabilityIssues(
        _ types: [ParsedDataType]?, _ symbols: [ResolvedSymbol]?, exchange: String?
    ) -> [ValidationIssue] {
        let entries = unique((symbols ?? []).compactMap(\.entry))
        var seen: Set<DataType> = []
        return (types ?? []).filter { seen.insert($0.type).inserted }.compactMap { wanted in
            let lacking = entries.filter { !$0.dataTypes.contains(wanted.type.name) }
            guard let first = lacking.first else { return nil }
            let names = TextFormat.listed(lacking.map(\.id), atMost: 3)
            return ValidationIssue(
                .unavailableDataType, member: .dataTypes, index: wanted.index,
                message: "There is no \(wanted.type.name) of \(names) on \(exchange ?? "it"); "
                    + "\(first.id) has \(first.dataTypes.joined(separator: ", ")).")
        }
    }

    /// One issue for each symbol whose files would have the names of another one's.
    func nameIssues(_ symbols: [ResolvedSymbol]?) -> [ValidationIssue] {
        let symbols = unique((symbols ?? []).map(\.id))
        guard symbols.contains(where: { DatasetFile.symbolInNames($0) != $0 }) else { return [] }
        var owners: [String: String] = [:]
        return symbols.compactMap { symbol in
            let name = DatasetFile.symbolInNames(symbol)
            guard let owner = owners[name] else {
                owners[name] = symbol
                return nil
            }
            return ValidationIssue(
                .sameFileName, member: .symbols,
                message:
                    "The files of \(TextFormat.quoted(owner)) and \(TextFormat.quoted(symbol)) "
                    + "have the same names. Ask for them by two jobs, with an output_path each.")
        }
    }

    private func empty(_ member: ValidationIssue.Member, example: String) -> ValidationIssue {
        ValidationIssue(
            .emptyList, member: member,
            message: "\(member.rawValue) is empty; name at least one, such as \(example).")
    }

    private func malformed(_ text: String, _ reason: String, at index: Int) -> ValidationIssue {
        ValidationIssue(
            .malformedSymbol, member: .symbols, index: index,
            message: "The symbol \(TextFormat.quoted(text)) \(reason).")
    }

    private func unknown(
        _ text: String, _ suggestions: [String], at index: Int, on catalogue: ExchangeCatalogue?
    ) -> ValidationIssue {
        ValidationIssue(
            .unknownSymbol, member: .symbols, index: index,
            message: "Tardis has no datasets of a symbol \(TextFormat.quoted(text)) on "
                + "\(catalogue?.exchange ?? "this exchange")."
                + TextFormat.advice(
                    about: text, suggestions,
                    separately: "Write each symbol as an element of its own"))
    }
}
