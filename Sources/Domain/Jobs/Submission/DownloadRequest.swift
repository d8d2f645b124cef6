// A validated request, and the fingerprint by which two requests are equal.

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

/// What a request asks for, in whatever order it was written.
package struct RequestFingerprint: Hashable, Sendable {
    package let exchange: String
    /// Sorted, as are ``dataTypes``.
    package let symbols: [String]
    package let dataTypes: [String]
    package let startDate: String
    package let endDate: String
    package let outputPath: String

    package init(
        exchange: String, symbols: [String], dataTypes: [String], startDate: String,
        endDate: String, outputPath: String
    ) {
        self.exchange = exchange
        self.symbols = symbols.sorted()
        self.dataTypes = dataTypes.sorted()
        self.startDate = startDate
        self.endDate = endDate
        self.outputPath = outputPath
    }

    /// All of it as one list of texts, different for different requests.
    package var parts: [String] {
        [exchange, startDate, endDate, outputPath, String(symbols.count)] + symbols + dataTypes
    }
}

extension Job {
    /// What it was asked for.
    package var identity: RequestFingerprint {
        RequestFingerprint(
            exchange: exchange, symbols: symbols, dataTypes: dataTypes, startDate: startDate,
            endDate: endDate, outputPath: outputPath)
    }
}

extension DownloadRequest {
    /// What it asks for.
    package var identity: RequestFingerprint {
        RequestFingerprint(
            exchange: exchange, symbols: symbols, dataTypes: dataTypes.map(\.name),
            startDate: days.lowerBound.description, endDate: days.upperBound.description,
            outputPath: outputPath)
    }
}
