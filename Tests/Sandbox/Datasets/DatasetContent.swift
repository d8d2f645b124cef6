// The bytes of a dataset file: from a folder of real files where it has one, otherwise generated.

import Datasets
import Glibc
import GzipSupport
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

    /// A generated file with this header row; real files are ignored.
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

    /// The gzip of a text; without text that of Tardis for a day without data.
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

    /// How much CSV is compressed at once: thousands of rows in one call, and within the cache of a
    /// core.
    private static let pieceBytes = 256 * 1024
}

extension GzipDeflater {
    fileprivate func append(_ bytes: [UInt8], isLast: Bool, to gzip: inout [UInt8]) {
        bytes.withUnsafeBytes { bytes in
            deflate(bytes, isLast: isLast) { gzip.append(contentsOf: $0) }
        }
    }
}

/// The size of the generated files.
struct DatasetVolume: Sendable {
    /// Rows of a file; of a day of trades of a busy symbol, where sizes are proportional.
    var rows: Int
    /// Whether files differ in size as real ones do: by kind, by symbol, and from day to day.
    var isProportional: Bool

    func rows(in file: DatasetFile) -> Int {
        guard isProportional else { return rows }
        var symbol = SeededRandom(seed: "\(file.exchange) \(file.symbol)")
        var day = SeededRandom(seed: file.name)
        let ofKind = rows * DatasetVolume.percent(of: file.dataType) / 100
        // The busiest symbols trade about ten times as much as the quiet ones, and days differ
        // by a fifth.
        return max(1, ofKind * symbol.within(10...100) / 100 * day.within(80...120) / 100)
    }

    /// Rows per hundred trades, rounded from what real days of one symbol hold.
    private static func percent(of dataType: DataType) -> Int {
        switch dataType {
        case .trades: 100
        case .incrementalBookL2: 800
        case .quotes, .bookTicker: 300
        case .bookSnapshot5, .bookSnapshot25: 150
        case .derivativeTicker: 50
        case .optionsChain: 400
        case .liquidations: 1
        }
    }
}

/// A folder in Tardis's layout: `EXCHANGE/TYPE/YYYY/MM/DD/SYMBOL.csv.gz`.
struct RealFiles: Sendable {
    let folder: String

    /// The bytes of the file, or `nil` where the folder does not have it.
    func bytes(of file: DatasetFile) throws(SystemError) -> [UInt8]? {
        do {
            return try RealFiles.contents(of: path(of: file))
        } catch {
            if error.code == ENOENT || error.code == ENOTDIR { return nil }
            throw error
        }
    }

    /// Whether the folder has the file.
    func has(_ file: DatasetFile) -> Bool {
        access(path(of: file), R_OK) == 0
    }

    /// All bytes of the file at a path.
    static func contents(of path: String) throws(SystemError) -> [UInt8] {
        let descriptor = FileDescriptor(
            owning: try syscall("open") { open(path, O_RDONLY | O_CLOEXEC) })
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = try syscall("read") { read(descriptor.number, &piece, piece.count) }
            if count == 0 { return bytes }
            bytes.append(contentsOf: piece[..<count])
        }
    }

    private func path(of file: DatasetFile) -> String {
        let date = file.day.description.split(separator: "-").joined(separator: "/")
        return "\(folder)/\(file.exchange)/\(file.dataType.name)/\(date)/\(file.symbol).csv.gz"
    }
}
