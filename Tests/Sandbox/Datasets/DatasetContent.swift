// The bytes of a dataset file: taken from a folder of real files where it has one, generated
// otherwise. It must not know of replies or faults.

import Datasets
import Gzip
import HTTP
import Posix

/// Where the bytes of the dataset files come from.
struct DatasetContent: Sendable {
    var volume: DatasetVolume
    /// A folder in Tardis's layout, `EXCHANGE/TYPE/YYYY/MM/DD/SYMBOL.csv.gz`, whose files go before
    /// generated ones.
    var realFiles: RealFiles?
    /// Files without any row, as Tardis has them for days on which nothing was recorded.
    var emptyDays: Set<EmptyDay>

    /// A day on which a symbol had no data.
    struct EmptyDay: Hashable, Sendable {
        var symbol: String
        var day: Day
    }

    /// The gzip file, the same bytes at every call. Works away from the caller's executor, which
    /// may be an event loop.
    ///
    /// - Parameter symbols: those that the rows may name; several for a grouped symbol.
    func bytes(of file: DatasetFile, symbols: [String]) async throws -> [UInt8] {
        try await LongComputation.run {
            if let real = try realFiles?.bytes(of: file) { return real }
            if emptyDays.contains(EmptyDay(symbol: file.symbol, day: file.day)) {
                return emptyGzip
            }
            return generated(file, symbols: symbols, header: file.dataType.columns)
        }
    }

    /// A generated file with this header row, whatever the folder of real files holds.
    func generated(_ file: DatasetFile, symbols: [String], header: [String]) -> [UInt8] {
        let count = volume.rows(in: file)
        var rows = DatasetRows(file: file, symbols: symbols, count: count)
        var text = CSVText()
        header.forEach { text.cell($0) }
        text.endRow()
        let deflater = GzipDeflater()
        var gzip: [UInt8] = []
        for row in 0..<count {
            rows.write(to: &text)
            if text.bytes.count >= DatasetContent.pieceBytes, row < count - 1 {
                deflater.append(text.take(), isLast: false, to: &gzip)
            }
        }
        deflater.append(text.take(), isLast: true, to: &gzip)
        return gzip
    }

    /// The gzip of a text; of nothing, what Tardis sends for a day without data.
    static func gzip(_ text: String) -> [UInt8] {
        text.isEmpty ? emptyGzip : GzipDeflater.gzip(Array(text.utf8))
    }

    /// A gzip that inflates to so many line feeds: a decompression bomb.
    static func bomb(expandedBytes: Int) -> [UInt8] {
        let deflater = GzipDeflater()
        let piece = [UInt8](repeating: UInt8(ascii: "\n"), count: pieceBytes)
        var gzip: [UInt8] = []
        for _ in 0..<(expandedBytes / pieceBytes) {
            deflater.append(piece, isLast: false, to: &gzip)
        }
        let rest = Array(piece.prefix(expandedBytes % pieceBytes))
        deflater.append(rest, isLast: true, to: &gzip)
        return gzip
    }

    /// How much CSV gathers before it is compressed: large enough to be one call in thousands of
    /// rows, small enough for the cache of a core.
    private static let pieceBytes = 256 * 1024
}

extension GzipDeflater {
    fileprivate func append(_ bytes: [UInt8], isLast: Bool, to gzip: inout [UInt8]) {
        bytes.withUnsafeBytes { bytes in
            deflate(bytes, isLast: isLast) { gzip.append(contentsOf: $0) }
        }
    }
}
