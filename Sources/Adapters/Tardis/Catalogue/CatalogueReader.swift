// Reads the catalogue of an exchange as it arrives: some have a hundred megabytes, most of which
// the service does not use.

import Datasets
import FoundationEssentials

/// Reads `GET /exchanges/{exchange}`. Confined to its owner's queue: not thread-safe.
final class CatalogueReader {
    private let exchange: String
    private let bytesMax: Int
    private var bytes = 0
    private var splitter = JSONSplitter(elementsOf: ["datasets", "symbols"])
    /// Elements that are not decoded yet, as an array without its end.
    private var batch: [UInt8] = []
    private var symbols = CatalogueSymbols()
    /// Symbols without a readable first day.
    private var undatedCount = 0
    private var isRefused = false
    /// Whether it begins as a web page does, not as JSON.
    private(set) var isWebPage = false

    /// Decoding needs many times the memory of its input, and each call costs some time.
    private static let batchBytes = 64 * 1024
    /// A file's name has at most 255 bytes, including exchange, data type and day.
    private static let idBytesMax = 200

    private struct Reply: Decodable {
        var id: String
        var datasets: Datasets?

        struct Datasets: Decodable {
            var exportedUntil: String?
            /// Required; its elements have been taken out.
            var symbols: [String]
        }
    }

    private struct Symbol: Decodable {
        var id: String
        var dataTypes: [String]?
        var availableSince: String
        var availableTo: String?
    }

    /// - Parameter bytesMax: a larger catalogue is refused.
    init(of exchange: String, bytesMax: Int) {
        self.exchange = exchange
        self.bytesMax = bytesMax
    }

    /// Takes the next bytes.
    ///
    /// - Returns: whether it may still be a catalogue.
    func take(_ piece: UnsafeRawBufferPointer) -> Bool {
        if bytes == 0 {
            isWebPage = piece.first { !" \t\r\n\u{FEFF}".utf8.contains($0) } == UInt8(ascii: "<")
        }
        bytes += piece.count
        guard bytes <= bytesMax, !isRefused else { return false }
        splitter.take(piece) { element in
            batch.append(batch.isEmpty ? UInt8(ascii: "[") : UInt8(ascii: ","))
            batch.append(contentsOf: element)
            if batch.count >= Self.batchBytes { decodeBatch() }
        }
        return !isRefused && !splitter.isRefused
    }

    /// Reads the end of the bytes.
    ///
    /// - Returns: `nil` if they are no catalogue, or another exchange's.
    func finish() -> ExchangeCatalogue? {
        decodeBatch()
        // If all dates have a new format, that does not mean that there are no symbols.
        if symbols.isEmpty, undatedCount > 0 { return nil }
        guard !isRefused, !splitter.isRefused,
            let reply = try? JSONDecoder().decode(Reply.self, from: Data(splitter.skeleton)),
            reply.id == exchange
        else { return nil }
        return ExchangeCatalogue(
            exchange: exchange, symbols: symbols,
            exportedUntil: reply.datasets?.exportedUntil.flatMap(Self.exclusiveDay))
    }

    private func decodeBatch() {
        guard !batch.isEmpty, !isRefused else { return }
        batch.append(UInt8(ascii: "]"))
        defer { batch.removeAll(keepingCapacity: true) }
        guard let found = try? JSONDecoder().decode([Symbol].self, from: Data(batch)) else {
            isRefused = true
            return
        }
        for symbol in found {
            // Symbols are shown as suggestions and are part of file names: only printable ones that
            // are not too long.
            guard (1...Self.idBytesMax).contains(symbol.id.utf8.count),
                JSONReplies.isPrintable(symbol.id)
            else { continue }
            guard let since = Timestamp(symbol.availableSince)?.day else {
                undatedCount += 1
                continue
            }
            symbols.append(
                CatalogueSymbol(
                    id: symbol.id, dataTypes: Self.known(symbol.dataTypes ?? []),
                    availableSince: since,
                    availableTo: symbol.availableTo.flatMap(Self.exclusiveDay)))
        }
    }

    /// Data types that the service knows, each once and in one order: few sets of them differ.
    private static func known(_ names: [String]) -> [String] {
        DataType.allCases.map(\.name).filter(names.contains)
    }

    /// The first day that lies wholly at or after the moment: an upper bound in the middle of a day
    /// leaves that day some data.
    private static func exclusiveDay(_ text: String) -> Day? {
        guard let moment = Timestamp(text) else { return nil }
        return moment == moment.day.start ? moment.day : moment.day.advanced(by: 1)
    }
}

@available(*, unavailable)
extension CatalogueReader: Sendable {}
