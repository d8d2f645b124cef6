// Validates requests when they are submitted, and again when their jobs run: the catalogue may have
// been out of reach at first, and the predecessor validated nothing.

/// Validates requests, and reports everything that is wrong with one at once.
package struct RequestValidator: Sendable {
    /// The result of validating a request.
    package enum Outcome: Hashable, Sendable {
        case valid(DownloadRequest)
        /// Everything that is wrong, in the order of the members. Empty only where a member was
        /// `nil` and all others are fine.
        case invalid([ValidationIssue])
    }

    /// The present day in UTC, the last one that can be requested.
    package let today: Day
    /// The most files that one job may have.
    package let filesMax: Int

    package init(today: Day, filesMax: Int) {
        self.today = today
        self.filesMax = filesMax
    }

    /// Whether validating takes only some microseconds: few names, and symbols spelled as the
    /// catalogue does, or no catalogue to look them up in.
    package static func isShort(
        _ written: RawRequest, against lookup: CatalogueLookup
    ) -> Bool {
        guard written.dataTypes?.count ?? 0 <= shortNamesMax else { return false }
        guard let symbols = written.symbols else { return true }
        guard symbols.count <= shortNamesMax else { return false }
        switch lookup {
        case .known(let catalogue): return symbols.allSatisfy { catalogue.symbol($0) != nil }
        case .unknownExchange: return false
        case .unreachable: return true
        }
    }

    private static let shortNamesMax = 64

    /// Validates a request.
    package func validate(
        _ written: RawRequest, against lookup: CatalogueLookup
    ) -> Outcome {
        var issues: [ValidationIssue] = []
        var notes: [String] = []
        let exchange = validateExchange(written.exchange, lookup, &issues)
        let symbols = resolveSymbols(written, lookup.catalogue, &notes, &issues)
        let types = parseDataTypes(written.dataTypes, &notes, &issues)
        issues += nameIssues(symbols)
        issues += availabilityIssues(types, symbols, exchange: written.exchange)
        let days = parseDays(written, &issues)
        guard issues.isEmpty, let exchange, let symbols, let types, let days else {
            return .invalid(issues)
        }
        let request = DownloadRequest(
            exchange: exchange, dataTypes: unique(types.map(\.type)),
            symbols: unique(symbols.map(\.id)), days: days, outputPath: written.outputPath,
            createdBy: written.createdBy, notes: RequestValidator.counted(unique(notes)))
        guard request.fileCount <= filesMax else { return .invalid([tooMany(request)]) }
        return .valid(request)
    }

    /// A job's notes are shown in lists and chats, and stored with it: more are counted.
    private static let notesMax = 20

    private static func counted(_ notes: [String]) -> [String] {
        guard notes.count > notesMax else { return notes }
        let more = TextFormat.grouped(notes.count - notesMax)
        return notes.prefix(notesMax) + ["\(more) more names were understood in the same way"]
    }

    private func validateExchange(
        _ written: String?, _ lookup: CatalogueLookup, _ issues: inout [ValidationIssue]
    ) -> String? {
        guard let written else { return nil }
        guard ExchangeID.isWellFormed(written) else {
            let suggestions = RequestValidator.exchanges(near: written, lookup)
            issues.append(
                ValidationIssue(
                    .malformedExchange, member: .exchange,
                    message: "\(TextFormat.quoted(written)) is no exchange id: those have 1 to "
                        + "\(ExchangeID.bytesMax) lower-case letters, digits and hyphens, such as "
                        + "binance-futures."
                        + TextFormat.advice(
                            about: written, suggestions,
                            separately: "Each exchange needs a job of its own")))
            return nil
        }
        guard case .unknownExchange(let known) = lookup else { return written }
        let suggestions = SpellingSuggestions.nearest(to: written, among: known)
        issues.append(
            ValidationIssue(
                .unknownExchange, member: .exchange,
                message: "Tardis has no exchange \(TextFormat.quoted(written))."
                    + TextFormat.question(about: suggestions)))
        return nil
    }

    /// The ids that a malformed one may stand for; without a list of them, the same in lower case.
    private static func exchanges(
        near written: String, _ lookup: CatalogueLookup
    ) -> [String] {
        let lowered = written.lowercased()
        if case .unknownExchange(let known) = lookup {
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
    /// The days of the request, both ends inclusive; `nil` where one is missing or invalid.
    func parseDays(
        _ written: RawRequest, _ issues: inout [ValidationIssue]
    ) -> ClosedRange<Day>? {
        let start = parseDay(written.startDate, .startDate, &issues)
        let end = parseDay(written.endDate, .endDate, &issues)
        guard let start, let end else { return nil }
        guard start <= end else {
            issues.append(
                ValidationIssue(
                    .endBeforeStart, member: .endDate,
                    message: "end_date \(end) is before start_date \(start). Both days are part "
                        + "of the download; for one day give the same date twice."))
            return nil
        }
        return start...end
    }

    /// The day, also where it lies in the future, so that the order can still be checked.
    private func parseDay(
        _ text: String?, _ member: ValidationIssue.Member, _ issues: inout [ValidationIssue]
    ) -> Day? {
        guard let text else { return nil }
        guard let day = Day(text) else {
            issues.append(
                ValidationIssue(
                    .malformedDate, member: member,
                    message: "\(member.rawValue) \(TextFormat.quoted(text)) is no date of the "
                        + "calendar written as YYYY-MM-DD, such as 2024-01-31."))
            return nil
        }
        if day > today {
            issues.append(
                ValidationIssue(
                    .futureDate, member: member,
                    message: "\(member.rawValue) \(day) is in the future; today is \(today) "
                        + "(UTC)."))
        }
        return day
    }
}
