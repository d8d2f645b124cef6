// The datasets host, which checks access and existence, and the object storage behind it, which
// accepts signed addresses only. A key that reaches the storage has leaked, and S3 refuses it.

import Bytes
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
        guard request.method == .get else { return TardisError.notFound.response }
        do {
            let file = try DatasetFile(path: request.path.split(separator: "/").dropFirst())
            let symbols = try symbols(of: file)
            if file.day.isFree { return await body(of: file, symbols: symbols, fault: fault) }
            guard Authorization(of: request, key: key) == .right else {
                return TardisError.unauthorized.response
            }
            let host = request.headers["Host"]?.split(separator: ":").first ?? "127.0.0.1"
            let location =
                "http://\(host):\(storagePort)\(StorageRoute.signedPath(of: request.path))"
            return Response(status: .found, headers: Headers(["Location": location]))
        } catch {
            return error.response
        }
    }

    /// The file itself, without any check of access.
    func body(of file: DatasetFile, symbols: [String], fault: ContentFault?) async -> Response {
        do {
            let bytes = try await bytes(of: file, symbols: symbols, fault: fault)
            let digest = Hexadecimal.text(Insecure.MD5.hash(data: bytes))
            let headers = Headers(["Content-Type": "text/csv", "x-md5": "\"\(digest)\""])
            return Response(status: .ok, headers: headers, body: .bytes(bytes))
        } catch {
            return TardisError(status: .internalServerError, code: 500, message: "\(error)")
                .response
        }
    }

    /// The ids whose rows the file holds.
    ///
    /// - Throws: ``TardisError`` when there is no such file, with Tardis's texts.
    func symbols(of file: DatasetFile) throws(TardisError) -> [String] {
        if content.realFiles?.has(file) ?? false { return [file.symbol] }
        let exchange = try Listings.exchange(file.exchange)
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

extension DatasetFile {
    /// Reads `EXCHANGE/TYPE/YYYY/MM/DD/SYMBOL.csv.gz`, the segments of a path behind `/v1/`.
    ///
    /// - Throws: ``TardisError`` for a path of another shape, or one that names no kind of
    ///   dataset or no day.
    init(path segments: ArraySlice<Substring>) throws(TardisError) {
        let suffix = ".csv.gz"
        let segments = Array(segments)
        guard segments.count == 6, segments[5].hasSuffix(suffix) else { throw .notFound }
        let exchange = PercentDecoding.decode(segments[0])
        let symbol = PercentDecoding.decode(segments[5].dropLast(suffix.count))
        // They become names of files in a folder of real ones.
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

/// Answers `/tardis-datasets/v1/…?X-Amz-Signature=…` on a port of its own.
struct StorageRoute: Sendable {
    let datasets: DatasetRoute

    private static let bucket = "/tardis-datasets"

    /// The address in the storage of a path of the datasets host.
    static func signedPath(of path: String) -> String {
        "\(bucket)\(path)?X-Amz-Expires=3600&X-Amz-Signature=\(signature(of: path))"
    }

    func response(to request: Request, fault: ContentFault?) async -> Response {
        guard request.method == .get, request.path.hasPrefix(StorageRoute.bucket + "/v1/") else {
            return refusal(.notFound, code: "NoSuchKey", "The specified key does not exist.")
        }
        guard request.headers["Authorization"] == nil else {
            return refusal(
                .badRequest, code: "InvalidArgument",
                "Only one auth mechanism allowed; Authorization was sent to a signed address.")
        }
        let path = String(request.path.dropFirst(StorageRoute.bucket.count))
        let signature = "X-Amz-Signature=\(StorageRoute.signature(of: path))"
        guard request.query?.split(separator: "&").contains(Substring(signature)) ?? false else {
            return refusal(.forbidden, code: "SignatureDoesNotMatch", "The signature is wrong.")
        }
        do {
            let file = try DatasetFile(path: path.split(separator: "/").dropFirst())
            let symbols = try datasets.symbols(of: file)
            return await datasets.body(of: file, symbols: symbols, fault: fault)
        } catch {
            return refusal(.notFound, code: "NoSuchKey", "The specified key does not exist.")
        }
    }

    /// Not a secret: it only has to differ between paths and to be the same in every run.
    private static func signature(of path: String) -> String {
        var random = SeededRandom(seed: path)
        return String(random.next(), radix: 16) + String(random.next(), radix: 16)
    }

    private func refusal(_ status: Status, code: String, _ message: String) -> Response {
        let xml = """
            <?xml version="1.0" encoding="UTF-8"?>
            <Error><Code>\(code)</Code><Message>\(message)</Message></Error>
            """
        return Response(
            status: status, headers: Headers(["Content-Type": "application/xml"]),
            body: .bytes(Array(xml.utf8)))
    }
}
