// Why a file cannot be had, by the catalogue's word, in the words of its owner.

package import Datasets

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
    package func verdict(on file: DatasetFile, entry: CatalogueSymbol?) -> PlannedFile {
        guard let entry else { return PlannedFile(file: file) }
        let coverage = entry.coverage(
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
