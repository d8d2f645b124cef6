// Turns a request into the list of its files, with those that the catalogue rules out, and cuts it
// into batches of one transaction each.

package import Datasets

/// The files of a request, in the order in which they are to be fetched.
///
/// The first ones verify that the API key covers the request: the last and the first day of the
/// first symbol and data type, and, where both happen to be free days, the second day, which is
/// not. A key that does not cover the request is refused with these, before any other request. Then
/// the files go day by day.
package struct Plan: Sendable {
    package let files: [PlannedFile]

    /// Plans a request; the catalogue, where it is known, rules out files that do not exist.
    package init(of request: DownloadRequest, catalogue: ExchangeCatalogue?) {
        var entries: [String: CatalogueSymbol] = [:]
        for symbol in request.symbols { entries[symbol] = catalogue?.symbol(symbol) }
        let policy = AvailabilityPolicy(
            exchange: request.exchange, exportedUntil: catalogue?.exportedUntil)
        func planned(_ day: Day, _ symbol: String, _ type: DataType) -> PlannedFile {
            let file = DatasetFile(
                exchange: request.exchange, dataType: type, day: day, symbol: symbol)
            return policy.plannedFile(for: file, entry: entries[symbol])
        }
        guard let symbol = request.symbols.first, let type = request.dataTypes.first else {
            files = []
            return
        }
        let probes = Plan.probeDays(in: request.days) { day in
            planned(day, symbol, type).state == .pending
        }
        var files = probes.map { planned($0, symbol, type) }
        files.reserveCapacity(request.fileCount)
        for day in request.days {
            for (symbolIndex, symbol) in request.symbols.enumerated() {
                for (typeIndex, type) in request.dataTypes.enumerated() {
                    let isFirstSeries = symbolIndex == 0 && typeIndex == 0
                    if isFirstSeries, probes.contains(day) { continue }
                    files.append(planned(day, symbol, type))
                }
            }
        }
        self.files = files
    }

    /// The days whose files come first, among those that are available.
    private static func probeDays(
        in days: ClosedRange<Day>, where isAvailable: (Day) -> Bool
    ) -> [Day] {
        guard let last = days.last(where: isAvailable), let first = days.first(where: isAvailable)
        else { return [] }
        var probes = first == last ? [last] : [last, first]
        if probes.allSatisfy(\.isFree),
            let paid = days.first(where: { isAvailable($0) && !$0.isFree })
        {
            probes.append(paid)
        }
        return probes
    }
}

extension Plan {
    /// Sentences about one job are read in lists and chats: more reasons than this are counted.
    private static let absencesMax = 3

    /// Why files will be missing without the job failing, one sentence per reason, such as
    /// `2 files are unavailable: BTCUSDT has data on binance only since 2019-03-30.`
    package var absences: [String] {
        var counts: [String: Int] = [:]
        var reasons: [String] = []
        for file in files where file.state == .unavailable {
            guard let reason = file.failure?.detail else { continue }
            if counts[reason] == nil { reasons.append(reason) }
            counts[reason, default: 0] += 1
        }
        let sentences = reasons.prefix(Plan.absencesMax).map { reason in
            let count = counts[reason, default: 0]
            return TextFormat.counted(count, "file") + (count == 1 ? " is" : " are")
                + " unavailable: \(reason)"
        }
        let more = reasons.dropFirst(Plan.absencesMax).reduce(0) { $0 + counts[$1, default: 0] }
        guard more > 0 else { return sentences }
        return sentences + [
            "\(TextFormat.counted(more, "more file")) unavailable for like reasons."
        ]
    }
}

/// One file of a job's plan, before the first attempt.
package struct PlannedFile: Hashable, Sendable {
    package var file: DatasetFile
    /// `pending`, or the final state that the catalogue already decides.
    package var state: FileState
    /// Why, where the state is final.
    package var failure: FileFailure?

    package init(file: DatasetFile, state: FileState = .pending, failure: FileFailure? = nil) {
        self.file = file
        self.state = state
        self.failure = failure
    }
}

/// Some consecutive files of a plan, few enough for one transaction.
package struct PlanBatch: Hashable, Sendable {
    /// The position in the job of the first of the files.
    package var position: Int
    package var files: [PlannedFile]
    /// The files of the whole plan.
    package var filesTotal: Int
    /// Where the request differs from what was written, and which files are unavailable.
    package var notes: [String]
    /// Whether this batch completes the plan.
    package var isLast: Bool

    package init(
        at position: Int = 0, _ files: [PlannedFile], ofTotal filesTotal: Int, notes: [String],
        isLast: Bool
    ) {
        self.position = position
        self.files = files
        self.filesTotal = filesTotal
        self.notes = notes
        self.isLast = isLast
    }

    /// The first batch is small, so that the first files can be claimed at once.
    package static let firstCount = 256
    /// The largest batch that does not noticeably delay other writers.
    package static let countMax = 4_096

    /// Cuts a plan into batches; an empty plan is one batch.
    ///
    /// - Parameter saved: how many other files of the plan are saved already; the positions begin
    ///   behind theirs.
    package static func batches(
        of files: [PlannedFile], behind saved: Int = 0, notes: [String]
    ) -> [PlanBatch] {
        var batches: [PlanBatch] = []
        var start = 0
        repeat {
            let end = min(start + (start == 0 ? firstCount : countMax), files.count)
            batches.append(
                PlanBatch(
                    at: saved + start, Array(files[start..<end]), ofTotal: saved + files.count,
                    notes: notes, isLast: end == files.count))
            start = end
        } while start < files.count
        return batches
    }
}

/// Decides by the catalogue which files are `unavailable` or `failed` before they are requested.
package struct AvailabilityPolicy: Sendable {
    /// By this time Tardis has usually exported the day before.
    private static let exportTime = "06:00 UTC"

    private let exchange: String
    private let exportedUntil: Day?

    /// - Parameter exportedUntil: the first day of the exchange that is not exported yet.
    package init(exchange: String, exportedUntil: Day?) {
        self.exchange = exchange
        self.exportedUntil = exportedUntil
    }

    /// The file as it is to be planned: `pending` unless the catalogue rules it out.
    package func plannedFile(for file: DatasetFile, entry: CatalogueSymbol?) -> PlannedFile {
        func missing(_ state: FileState, _ code: String, _ detail: String) -> PlannedFile {
            PlannedFile(file: file, state: state, failure: FileFailure(code: code, detail: detail))
        }
        let availability = entry?.availability(
            of: file.dataType, on: file.day, exportedUntil: exportedUntil)
        switch availability ?? .available {
        case .available:
            return PlannedFile(file: file)
        case .notListedYet(let since):
            return missing(
                .unavailable, "not_listed_yet",
                "\(file.symbol) has data on \(exchange) only since \(since).")
        case .delisted(let end):
            return missing(
                .unavailable, "delisted",
                "\(file.symbol) was delisted on \(exchange); its last day with data is "
                    + "\(end.advanced(by: -1)).")
        case .notExportedYet(let frontier):
            return missing(
                .failed, "not_exported_yet",
                "Tardis has not exported \(file.day) yet, only the days before \(frontier). A day "
                    + "usually comes by \(AvailabilityPolicy.exportTime) on the next: ask again "
                    + "after \(file.day.advanced(by: 1)) \(AvailabilityPolicy.exportTime).")
        case .noSuchDataType(let available):
            return missing(
                .failed, "no_such_data_type",
                "There is no \(file.dataType.name) of \(file.symbol) on \(exchange), only "
                    + "\(available.joined(separator: ", ")).")
        }
    }
}
