// Validates requests when they are submitted, and again when their jobs run: the catalogue may have
// been out of reach at first, and the predecessor validated nothing.

/// Reads requests, and finds everything that is wrong with one at once.
package struct RequestValidator: Sendable {
    /// What came of reading a request.
    package enum Outcome: Hashable, Sendable {
        case understood(DownloadRequest)
        /// Everything that is wrong, in the order of the members. Empty only where a member was
        /// `nil` and all others are fine.
        case refused([ValidationIssue])
    }

    /// The day it is now, in UTC: nothing later can be asked for.
    package let today: Day
    /// The most files that one job may have.
    package let filesMax: Int

    package init(today: Day, filesMax: Int) {
        self.today = today
        self.filesMax = filesMax
    }

    /// Whether a request is read within some microseconds: few symbols, each spelled as the
    /// catalogue does, or no catalogue to look them up in.
    package static func isShort(
        _ written: RawRequest, against knowledge: CatalogueLookup
    ) -> Bool {
        guard let symbols = written.symbols else { return true }
        guard symbols.count <= shortSymbolsMax else { return false }
        switch knowledge {
        case .known(let catalogue): return symbols.allSatisfy { catalogue.symbol($0) != nil }
        case .unknownExchange: return false
        case .unreachable: return true
        }
    }

    private static let shortSymbolsMax = 64

    /// Reads a request.
    package func read(
        _ written: RawRequest, against knowledge: CatalogueLookup
    ) -> Outcome {
        var problems: [ValidationIssue] = []
        var notes: [String] = []
        let exchange = readExchange(written.exchange, knowledge, &problems)
        let symbols = readSymbols(written, knowledge.catalogue, &notes, &problems)
        let types = readDataTypes(written.dataTypes, &notes, &problems)
        problems += nameProblems(symbols)
        problems += availabilityProblems(types, symbols, exchange: written.exchange)
        let days = readDays(written, &problems)
        guard problems.isEmpty, let exchange, let symbols, let types, let days else {
            return .refused(problems)
        }
        let request = DownloadRequest(
            exchange: exchange, dataTypes: unique(types.map(\.type)),
            symbols: unique(symbols.map(\.id)), days: days, outputPath: written.outputPath,
            createdBy: written.createdBy, notes: RequestValidator.counted(unique(notes)))
        guard request.fileCount <= filesMax else { return .refused([tooMany(request)]) }
        return .understood(request)
    }

    /// A job's notes are read in lists and chats, and kept with it: more than these are counted.
    private static let notesMax = 20

    private static func counted(_ notes: [String]) -> [String] {
        guard notes.count > notesMax else { return notes }
        let more = TextFormat.grouped(notes.count - notesMax)
        return notes.prefix(notesMax) + ["\(more) more names were understood in the same way"]
    }

    private func readExchange(
        _ written: String?, _ knowledge: CatalogueLookup, _ problems: inout [ValidationIssue]
    ) -> String? {
        guard let written else { return nil }
        guard ExchangeID.isWellFormed(written) else {
            let suggestions = RequestValidator.exchanges(near: written, knowledge)
            problems.append(
                ValidationIssue(
                    .malformedExchange, member: .exchange,
                    message: "\(TextFormat.quoted(written)) is no exchange id: those have 1 to "
                        + "\(ExchangeID.bytesMax) lower-case letters, digits and hyphens, such as binance-futures."
                        + TextFormat.advice(
                            about: written, suggestions,
                            separately: "Each exchange needs a job of its own"),
                    input: written, suggestions: suggestions))
            return nil
        }
        guard case .unknownExchange(let known) = knowledge else { return written }
        let suggestions = SpellingSuggestions.nearest(to: written, among: known)
        problems.append(
            ValidationIssue(
                .unknownExchange, member: .exchange,
                message: "Tardis has no exchange \(TextFormat.quoted(written))."
                    + TextFormat.question(about: suggestions),
                input: written, suggestions: suggestions))
        return nil
    }

    /// The ids that a malformed one may stand for; without a list of them, the same in lower case.
    private static func exchanges(
        near written: String, _ knowledge: CatalogueLookup
    ) -> [String] {
        let lowered = written.lowercased()
        if case .unknownExchange(let known) = knowledge {
            let same = known.filter { $0 == lowered }
            return same.isEmpty ? SpellingSuggestions.nearest(to: written, among: known) : same
        }
        return ExchangeID.isWellFormed(lowered) ? [lowered] : []
    }

    private func tooMany(_ request: DownloadRequest) -> ValidationIssue {
        let factors = [
            TextFormat.counted(request.symbols.count, "symbol"),
            TextFormat.counted(request.dataTypes.count, "data type"),
            TextFormat.counted(request.days.count, "day"),
        ]
        return ValidationIssue(
            .tooManyFiles, member: nil,
            message: "This asks for \(TextFormat.counted(request.fileCount, "file")) "
                + "(\(factors.joined(separator: " × "))); one job may have at most "
                + "\(TextFormat.grouped(filesMax)). Ask for fewer days or symbols per job.")
    }
}

/// Every element once, where it came first.
func unique<Element: Hashable>(_ elements: [Element]) -> [Element] {
    if elements.count < 2 { return elements }
    var seen: Set<Element> = []
    return elements.filter { seen.insert($0).inserted }
}

extension RequestValidator {
    /// The days asked for, both ends inclusive; `nil` where one is missing or wrong.
    func readDays(
        _ written: RawRequest, _ problems: inout [ValidationIssue]
    ) -> ClosedRange<Day>? {
        let start = readDay(written.startDate, .startDate, &problems)
        let end = readDay(written.endDate, .endDate, &problems)
        guard let start, let end else { return nil }
        guard start <= end else {
            problems.append(
                ValidationIssue(
                    .endBeforeStart, member: .endDate,
                    message: "end_date \(end) is before start_date \(start). Both days are part "
                        + "of the download; for one day give the same date twice.",
                    input: written.endDate))
            return nil
        }
        return start...end
    }

    /// The day, also where it lies in the future, so that the order can still be checked.
    private func readDay(
        _ text: String?, _ member: ValidationIssue.Member, _ problems: inout [ValidationIssue]
    ) -> Day? {
        guard let text else { return nil }
        guard let day = Day(text) else {
            problems.append(
                ValidationIssue(
                    .malformedDate, member: member,
                    message: "\(member.rawValue) \(TextFormat.quoted(text)) is no date of the "
                        + "calendar written as YYYY-MM-DD, such as 2024-01-31.",
                    input: text))
            return nil
        }
        if day > today {
            problems.append(
                ValidationIssue(
                    .futureDate, member: member,
                    message: "\(member.rawValue) \(day) is in the future; today is \(today) "
                        + "(UTC).",
                    input: text, suggestions: [today.description]))
        }
        return day
    }
}
