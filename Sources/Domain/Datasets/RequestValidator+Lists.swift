// Validates the two lists of a request, symbols and data types, and one against the other.

extension RequestValidator {
    /// A symbol as understood.
    struct ReadSymbol {
        var id: String
        /// Its entry in the catalogue, where there is one to look at.
        var entry: CatalogueSymbol?
    }

    /// A data type as understood, and where it was written.
    struct ReadDataType {
        var type: DataType
        var index: Int
        var written: String
    }

    /// The symbols that could be read; `nil` where the list is missing or empty.
    func readSymbols(
        _ request: RawRequest, _ catalogue: ExchangeCatalogue?, _ notes: inout [String],
        _ problems: inout [ValidationIssue]
    ) -> [ReadSymbol]? {
        guard let written = request.symbols else { return nil }
        guard !written.isEmpty else {
            problems.append(empty(.symbols, example: "BTCUSDT"))
            return nil
        }
        let readings = catalogue.map { SymbolResolver($0).read(written) }
        var symbols: [ReadSymbol] = []
        for (index, text) in written.enumerated() {
            if let reason = SymbolResolver.invalidReason(of: text) {
                problems.append(malformed(text, reason, at: index))
                continue
            }
            switch readings?[index] {
            case .known(let entry, let note):
                symbols.append(ReadSymbol(id: entry.id, entry: entry))
                if let note { notes.append(note) }
            case .unknown(let suggestions):
                problems.append(unknown(text, suggestions, at: index, on: catalogue))
            case nil:
                let id = SymbolResolver.normalised(text)
                symbols.append(ReadSymbol(id: id, entry: nil))
                let place = request.exchange.map { " on \($0)" } ?? ""
                if id != text { notes.append("\(text) is \(id)\(place)") }
            }
        }
        return symbols
    }

    /// The data types that could be read; `nil` where the list is missing or empty.
    func readDataTypes(
        _ written: [String]?, _ notes: inout [String], _ problems: inout [ValidationIssue]
    ) -> [ReadDataType]? {
        guard let written else { return nil }
        guard !written.isEmpty else {
            problems.append(empty(.dataTypes, example: "trades"))
            return nil
        }
        var types: [ReadDataType] = []
        for (index, text) in written.enumerated() {
            switch DataTypeParser(reading: text) {
            case .known(let type, let note):
                types.append(ReadDataType(type: type, index: index, written: text))
                if let note { notes.append(note) }
            case .unknown(let suggestions):
                let all = DataType.allCases.map(\.name).joined(separator: ", ")
                problems.append(
                    ValidationIssue(
                        .unknownDataType, member: .dataTypes, index: index,
                        message: "\(TextFormat.quoted(text)) is no data type of Tardis."
                            + TextFormat.advice(
                                about: text, suggestions,
                                separately: "Write each data type as an element of its own")
                            + " It has \(all).",
                        input: text, suggestions: suggestions))
            }
        }
        return types
    }

    /// One problem for each data type that some of the symbols do not have.
    func availabilityProblems(
        _ types: [ReadDataType]?, _ symbols: [ReadSymbol]?, exchange: String?
    ) -> [ValidationIssue] {
        let entries = unique((symbols ?? []).compactMap(\.entry))
        var seen: Set<DataType> = []
        return (types ?? []).filter { seen.insert($0.type).inserted }.compactMap { wanted in
            let lacking = entries.filter { !$0.dataTypes.contains(wanted.type.name) }
            guard let first = lacking.first else { return nil }
            let names = TextFormat.listed(lacking.map(\.id), atMost: 3)
            let suggestions = SpellingSuggestions.nearest(
                to: wanted.type.name, among: first.dataTypes)
            return ValidationIssue(
                .unavailableDataType, member: .dataTypes, index: wanted.index,
                message: "There is no \(wanted.type.name) of \(names) on \(exchange ?? "it"); "
                    + "\(first.id) has \(first.dataTypes.joined(separator: ", ")).",
                input: wanted.written, suggestions: suggestions)
        }
    }

    /// One problem for each symbol whose files would have the names of another one's.
    func nameProblems(_ symbols: [ReadSymbol]?) -> [ValidationIssue] {
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
                    + "have the same names. Ask for them by two jobs, with an output_path each.",
                input: symbol)
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
            message: "The symbol \(TextFormat.quoted(text)) \(reason).", input: text)
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
                    separately: "Write each symbol as an element of its own"),
            input: text, suggestions: suggestions)
    }
}
