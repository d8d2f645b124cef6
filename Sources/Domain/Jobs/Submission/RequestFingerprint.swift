// The fingerprint by which two requests are equal.

package import Datasets

/// What a request asks for, independent of the order in which it was written.
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
    /// The fingerprint of its request.
    package var fingerprint: RequestFingerprint {
        RequestFingerprint(
            exchange: exchange, symbols: symbols, dataTypes: dataTypes, startDate: startDate,
            endDate: endDate, outputPath: outputPath)
    }
}

extension DownloadRequest {
    /// What it asks for.
    package var fingerprint: RequestFingerprint {
        RequestFingerprint(
            exchange: exchange, symbols: symbols, dataTypes: dataTypes.map(\.name),
            startDate: days.lowerBound.description, endDate: days.upperBound.description,
            outputPath: outputPath)
    }
}
