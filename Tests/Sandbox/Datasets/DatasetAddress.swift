// The path of a dataset file, read as the server reads it. It must not know which files there are.

import Datasets
import HTTP

extension DatasetFile {
    /// Reads `EXCHANGE/TYPE/YYYY/MM/DD/SYMBOL.csv.gz`, the segments of a path behind `/v1/`.
    ///
    /// - Throws: ``TardisRefusal`` for a path of another shape, or one that names no kind of
    ///   dataset or no day.
    init(path segments: ArraySlice<Substring>) throws(TardisRefusal) {
        let suffix = ".csv.gz"
        let segments = Array(segments)
        guard segments.count == 6, segments[5].hasSuffix(suffix) else { throw .notFound }
        let exchange = PercentDecoding.decode(segments[0])
        let symbol = PercentDecoding.decode(segments[5].dropLast(suffix.count))
        // They become names of files, since a folder of real files may be asked for them.
        guard !symbol.contains("/"), !symbol.contains("\0"), !exchange.contains("/"),
            exchange != ".."
        else { throw .notFound }
        guard let dataType = DataType(rawValue: String(segments[1])) else {
            throw .invalid(
                "dataType", String(segments[1]),
                hint: "Allowed are \(DataType.allCases.map(\.name).joined(separator: ", ")).")
        }
        let date = segments[2...4].joined(separator: "-")
        guard let day = Day(date) else {
            throw .invalid("date", date, hint: "It has to be a real date, /YYYY/MM/DD/.")
        }
        self.init(exchange: exchange, dataType: dataType, day: day, symbol: symbol)
    }
}
