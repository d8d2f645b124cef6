// The datasets host: which files there are, who may have them, and where they really lie. It must
// not know scripted faults beyond the content that they ask for.

import Crypto
import Datasets
import HTTP

/// Answers `/v1/{exchange}/{dataType}/{YYYY}/{MM}/{DD}/{SYMBOL}.csv.gz`.
struct DatasetRoute: Sendable {
    let key: String
    let content: DatasetContent
    let exportedUntil: @Sendable () -> Day
    /// The port of the object storage, to which paid days are redirected.
    let storagePort: UInt16

    /// The answer of the datasets host.
    ///
    /// - Parameter fault: other content than the true one.
    func response(to request: Request, fault: ContentFault?) async -> Response {
        // As with Tardis, HEAD finds nothing.
        guard request.method == .get else { return TardisRefusal.notFound.response }
        do {
            let file = try DatasetFile(path: request.path.split(separator: "/").dropFirst())
            let symbols = try symbols(of: file)
            if file.day.isFree { return await body(of: file, symbols: symbols, fault: fault) }
            guard Authorization(of: request, key: key) == .right else {
                return TardisRefusal.unauthorized.response
            }
            let host = request.headers["Host"]?.split(separator: ":").first ?? "127.0.0.1"
            let location =
                "http://\(host):\(storagePort)\(StorageRoute.signedPath(of: request.path))"
            return Response(status: .found, headers: Headers(["Location": location]))
        } catch {
            return error.response
        }
    }

    /// The file itself, whoever asks.
    func body(of file: DatasetFile, symbols: [String], fault: ContentFault?) async -> Response {
        do {
            let bytes = try await bytes(of: file, symbols: symbols, fault: fault)
            let digest = Insecure.MD5.hash(data: bytes)
            let hexadecimal = digest.map { byte in
                (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
            let headers = Headers([
                "Content-Type": "text/csv", "x-md5": "\"\(hexadecimal.joined())\"",
            ])
            return Response(status: .ok, headers: headers, body: .bytes(bytes))
        } catch {
            return TardisRefusal(status: .internalServerError, code: 500, message: "\(error)")
                .response
        }
    }

    /// The ids whose rows the file holds.
    ///
    /// - Throws: ``TardisRefusal`` when there is no such file, with Tardis's texts.
    func symbols(of file: DatasetFile) throws(TardisRefusal) -> [String] {
        if content.realFiles?.has(file) ?? false { return [file.symbol] }
        guard let exchange = Listings.exchanges.first(where: { $0.id == file.exchange }) else {
            throw .invalid(
                "exchange", file.exchange,
                hint: "Allowed are \(Listings.exchanges.map(\.id).joined(separator: ", ")).")
        }
        guard let symbol = exchange.symbol(file.symbol) else {
            let guess = exchange.nearest(to: file.symbol).map { "Did you mean '\($0.id)'? " } ?? ""
            throw .invalid(
                "symbol", file.symbol,
                hint: guess + "See /v1/exchanges/\(exchange.id) (datasets.symbols) for allowed"
                    + " values.")
        }
        guard symbol.dataTypes.contains(file.dataType) else {
            throw .invalid(
                "dataType", file.dataType.name,
                hint: "'\(symbol.id)' has \(symbol.dataTypes.map(\.name).joined(separator: ", ")).")
        }
        if let until = symbol.until, until <= file.day {
            throw .unavailable(
                "Data for '\(symbol.id)' is available only up to '\(until.midnight)'")
        }
        guard symbol.since <= file.day, file.day < exportedUntil() else {
            throw .unavailable("Requested dataset is not available for \(file.day)")
        }
        return exchange.members(of: symbol, on: file.day)
    }

    private func bytes(
        of file: DatasetFile, symbols: [String], fault: ContentFault?
    ) async throws -> [UInt8] {
        if let csv = fault?.csv { return DatasetContent.gzip(csv) }
        if let count = fault?.bombBytes {
            return await LongComputation.run { DatasetContent.bomb(expandedBytes: count) }
        }
        guard fault?.headerRow != nil || fault?.symbol != nil || fault?.day != nil else {
            return try await content.bytes(of: file, symbols: symbols)
        }
        let other = DatasetFile(
            exchange: file.exchange, dataType: file.dataType,
            day: fault?.day.flatMap { Day($0) } ?? file.day, symbol: fault?.symbol ?? file.symbol)
        let header = fault?.headerRow.map { [$0] } ?? file.dataType.columns
        let names = fault?.symbol.map { [$0] } ?? symbols
        return await LongComputation.run { [content] in
            content.generated(other, symbols: names, header: header)
        }
    }
}
