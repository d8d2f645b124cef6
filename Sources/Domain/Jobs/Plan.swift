// Turns a request into the list of its files. It must not know how they are fetched.

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
    package init(of request: UnderstoodRequest, catalogue: ExchangeCatalogue?) {
        let entries = Plan.entries(of: request, in: catalogue)
        let reasons = AvailabilityPolicy(
            exchange: request.exchange, exportedUntil: catalogue?.exportedUntil)
        func planned(_ day: Day, _ symbol: String, _ type: DataType) -> PlannedFile {
            let file = DatasetFile(
                exchange: request.exchange, dataType: type, day: day, symbol: symbol)
            return reasons.verdict(on: file, entry: entries[symbol])
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
        of request: UnderstoodRequest, in catalogue: ExchangeCatalogue?
    ) -> [String: CatalogueSymbol] {
        var entries: [String: CatalogueSymbol] = [:]
        for symbol in request.symbols { entries[symbol] = catalogue?.symbol(symbol) }
        return entries
    }
}
