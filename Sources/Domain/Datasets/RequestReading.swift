// Understands requests: the same check when one is submitted and, where the catalogue was out of
// reach then or the predecessor took it, when its job runs. It must not know HTTP.

/// Reads requests, and finds everything that is wrong with one at once.
package struct RequestReading: Sendable {
    /// What came of reading a request.
    package enum Outcome: Hashable, Sendable {
        case understood(UnderstoodRequest)
        /// Everything that is wrong, in the order of the members. Empty only where a member was
        /// `nil` and all others are fine.
        case refused([RequestProblem])
    }

    /// The day it is now, in UTC: nothing later can be asked for.
    package let today: Day
    /// The most files that one job may have.
    package let filesMax: Int

    package init(today: Day, filesMax: Int) {
        self.today = today
        self.filesMax = filesMax
    }

    /// Reads a request with the catalogue's help, where it can be reached.
    package func read(
        _ written: WrittenRequest, asking catalogue: any CatalogueReading
    ) async -> Outcome {
        guard let exchange = written.exchange, RequestReading.isExchangeID(exchange) else {
            return read(written, against: .unreachable("no exchange to ask about"))
        }
        return read(written, against: await catalogue.knowledge(of: exchange))
    }

    /// Reads a request.
    package func read(
        _ written: WrittenRequest, against knowledge: CatalogueKnowledge
    ) -> Outcome {
        var problems: [RequestProblem] = []
        var notes: [String] = []
        let exchange = readExchange(written.exchange, knowledge, &problems)
        let symbols = readSymbols(written, knowledge.catalogue, &notes, &problems)
        let types = readDataTypes(written.dataTypes, &notes, &problems)
        problems += availabilityProblems(types, symbols, exchange: written.exchange)
        let days = readDays(written, &problems)
        guard problems.isEmpty, let exchange, let symbols, let types, let days else {
            return .refused(problems)
        }
        let request = UnderstoodRequest(
            exchange: exchange, symbols: unique(symbols.map(\.id)),
            dataTypes: unique(types.map(\.type)), days: days, notes: unique(notes))
        guard request.fileCount <= filesMax else { return .refused([tooMany(request)]) }
        return .understood(request)
    }

    /// Whether a text has the form of Tardis's exchange ids, such as `binance-futures`.
    package static func isExchangeID(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || byte == UInt8(ascii: "-")
            }
    }

    private func readExchange(
        _ written: String?, _ knowledge: CatalogueKnowledge, _ problems: inout [RequestProblem]
    ) -> String? {
        guard let written else { return nil }
        guard RequestReading.isExchangeID(written) else {
            let lowered = written.lowercased()
            let suggestions = RequestReading.isExchangeID(lowered) ? [lowered] : []
            problems.append(
                RequestProblem(
                    .malformedExchange, member: .exchange,
                    message: "\(Wording.quoted(written)) is no exchange id: those have 1 to 64 "
                        + "lower-case letters, digits and hyphens, such as binance-futures."
                        + Wording.question(about: suggestions),
                    input: written, suggestions: suggestions))
            return nil
        }
        guard case .unknownExchange(let known) = knowledge else { return written }
        let suggestions = Suggestion.nearest(to: written, among: known)
        problems.append(
            RequestProblem(
                .unknownExchange, member: .exchange,
                message: "Tardis has no exchange \(Wording.quoted(written))."
                    + Wording.question(about: suggestions),
                input: written, suggestions: suggestions))
        return nil
    }

    private func tooMany(_ request: UnderstoodRequest) -> RequestProblem {
        let factors = [
            Wording.counted(request.symbols.count, "symbol"),
            Wording.counted(request.dataTypes.count, "data type"),
            Wording.counted(request.days.count, "day"),
        ]
        return RequestProblem(
            .tooManyFiles, member: nil,
            message: "This asks for \(Wording.counted(request.fileCount, "file")) "
                + "(\(factors.joined(separator: " × "))); one job may have at most "
                + "\(Wording.grouped(filesMax)). Ask for fewer days or symbols per job.")
    }
}

/// Every element once, where it came first.
func unique<Element: Hashable>(_ elements: [Element]) -> [Element] {
    var seen: Set<Element> = []
    return elements.filter { seen.insert($0).inserted }
}
