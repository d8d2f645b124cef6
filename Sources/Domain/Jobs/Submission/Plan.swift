// Turns a request into the list of its files, with those that the catalogue rules out, and cuts it
// into batches of one transaction each.

package import Datasets

/// The files of a request, in the order in which they are to be fetched.
///
/// The first ones prove that the API key covers the request: the last and the first day of the
/// first symbol and data type, and, where both happen to be free days, the second day, which is
/// not. A key that does not cover the request is refused by these, before anything else is asked
/// for. Then the files go day by day.
package struct Plan: Sendable {
    package let files: [PlannedFile]

    /// Plans a request; the catalogue, where it is known, decides the files that cannot be had.
    package init(of request: DownloadRequest, catalogue: ExchangeCatalogue?) {
        let entries = Plan.entries(of: request, in: catalogue)
        let reasons = AvailabilityPolicy(
            exchange: request.exchange, exportedUntil: catalogue?.exportedUntil)
        func planned(_ day: Day, _ symbol: String, _ type: DataType) -> PlannedFile {
            let file = DatasetFile(
                exchange: request.exchange, dataType: type, day: day, symbol: symbol)
            return reasons.plannedFile(for: file, entry: entries[symbol])
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

    /// The days whose files come first, among those that can be asked for.
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

    private static func entries(
        of request: DownloadRequest, in catalogue: ExchangeCatalogue?
    ) -> [String: CatalogueSymbol] {
        var entries: [String: CatalogueSymbol] = [:]
        for symbol in request.symbols { entries[symbol] = catalogue?.symbol(symbol) }
        return entries
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

/// One file of a job's plan, before anything was tried.
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

/// Some files of a plan that follow each other.
package struct PlanBatch: Hashable, Sendable {
    /// The position in the job of the first of the files.
    package var position: Int
    package var files: [PlannedFile]
    /// The files of the whole plan.
    package var filesTotal: Int
    /// What was understood differently from what was written, or cannot be had.
    package var notes: [String]
    /// Whether the plan is whole with this piece.
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

    /// The first piece is small, so that the first files can be claimed at once …
    package static let firstCount = 256
    /// … and none is so large that whoever else has something to write would notice.
    package static let countMax = 4_096

    /// Cuts a plan into pieces; an empty plan is one, too.
    ///
    /// - Parameter kept: how many other files of the plan are kept already; the positions begin
    ///   behind theirs.
    package static func pieces(
        of files: [PlannedFile], behind kept: Int = 0, notes: [String]
    ) -> [PlanBatch] {
        var pieces: [PlanBatch] = []
        var start = 0
        repeat {
            let end = min(start + (start == 0 ? firstCount : countMax), files.count)
            pieces.append(
                PlanBatch(
                    at: kept + start, Array(files[start..<end]), ofTotal: kept + files.count,
                    notes: notes, isLast: end == files.count))
            start = end
        } while start < files.count
        return pieces
    }
}

/// Decides what the catalogue can decide about files before anything is requested.
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

    /// The file as it is to be planned: `unavailable` or `failed` where there can be none, else
    /// `pending`.
    package func plannedFile(for file: DatasetFile, entry: CatalogueSymbol?) -> PlannedFile {
        guard let entry else { return PlannedFile(file: file) }
        let coverage = entry.availability(
            of: file.dataType, on: file.day, exportedUntil: exportedUntil)
        guard let failure = failure(for: coverage, of: file) else {
            return PlannedFile(file: file)
        }
        switch coverage {
        case .notListedYet, .delisted:
            return PlannedFile(file: file, state: .unavailable, failure: failure)
        case .notExportedYet, .noSuchDataType, .available:
            return PlannedFile(file: file, state: .failed, failure: failure)
        }
    }

    /// The reason in words; `nil` where nothing speaks against the file.
    package func failure(for coverage: Availability, of file: DatasetFile) -> FileFailure? {
        switch coverage {
        case .available:
            nil
        case .notListedYet(let since):
            FileFailure(
                code: "not_listed_yet",
                detail: "\(file.symbol) has data on \(exchange) only since \(since).")
        case .delisted(let end):
            FileFailure(
                code: "delisted",
                detail: "\(file.symbol) was delisted on \(exchange); its last day with data is "
                    + "\(end.advanced(by: -1)).")
        case .notExportedYet(let frontier):
            FileFailure(
                code: "not_exported_yet",
                detail: "Tardis has not exported \(file.day) yet, only the days before "
                    + "\(frontier). A day usually comes by \(AvailabilityPolicy.exportTime) on the next: ask "
                    + "again after \(file.day.advanced(by: 1)) \(AvailabilityPolicy.exportTime).")
        case .noSuchDataType(let available):
            FileFailure(
                code: "no_such_data_type",
                detail: "There is no \(file.dataType.name) of \(file.symbol) on \(exchange), only "
                    + "\(available.joined(separator: ", ")).")
        }
    }
}
