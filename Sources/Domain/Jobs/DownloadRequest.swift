// What somebody asks for, understood and checked. It must not know how it was written down.

package import Datasets

/// A request that may become a job: every part of it has been checked as far as could be.
package struct DownloadRequest: Hashable, Sendable {
    package var exchange: String
    package var dataTypes: [DataType]
    package var symbols: [String]
    /// The first and the last day, both inclusive.
    package var days: ClosedRange<Day>
    /// The folder below the data root, as ``Job/outputPath`` shows it.
    package var outputPath: String
    package var createdBy: String
    /// What was understood differently from what was written.
    package var notes: [String]

    package init(
        exchange: String, dataTypes: [DataType], symbols: [String], days: ClosedRange<Day>,
        outputPath: String, createdBy: String, notes: [String] = []
    ) {
        self.exchange = exchange
        self.dataTypes = dataTypes
        self.symbols = symbols
        self.days = days
        self.outputPath = outputPath
        self.createdBy = createdBy
        self.notes = notes
    }

    /// How many files it asks for: one per symbol, kind and day.
    package var fileCount: Int { symbols.count * dataTypes.count * days.count }
}

extension DownloadRequest {
    /// An understood request with its owner and its place.
    package init(_ request: UnderstoodRequest, outputPath: String, createdBy: String) {
        self.init(
            exchange: request.exchange, dataTypes: request.dataTypes, symbols: request.symbols,
            days: request.days, outputPath: outputPath, createdBy: createdBy, notes: request.notes)
    }
}
